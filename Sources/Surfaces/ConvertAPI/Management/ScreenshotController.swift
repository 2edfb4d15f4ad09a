import Browser
import Contract
import Experiences
import Foundation
import Gateway
import HTTPTypes
import Identity
import Images
import JSON
import Jobs
import Resources

/// Pictures of variations: `getExperienceVariationScreenshot`, `uploadExperienceVariationScreenshot`,
/// `triggerExperienceScreenshots`.
struct ScreenshotController: Sendable {
    let screenshots: ScreenshotStore
    let chromium: Chromium
    let experiences: ExperienceService

    func addRoutes(to surface: inout SurfaceBuilder<ProjectStore>) {
        surface.on("getExperienceVariationScreenshot", allow: .may(.view(.experience), in: .project)) {
            scope, request in
            let id = try await variation(request, scope)
            let size = Self.size(request)
            guard let (format, bytes) = try await screenshots.picture(of: id, size: size) else {
                throw APIError.notFound("The variation \(id) has no screenshot: upload one, or trigger it.")
            }
            return Self.show(bytes, format, id, size, request)
        }
        surface.on(
            "uploadExperienceVariationScreenshot", allow: .may(.edit(.experience), in: .project),
            limits: OperationLimits(bodyBytes: UploadedImage.maximumFormBytes)
        ) { scope, request in
            let id = try await variation(request, scope)
            let image = try UploadedImage(request)
            let picture = try await UploadedImage.namingField { try await Picture.reading(image.bytes) }
            let thumbnail = try await UploadedImage.namingField {
                try await screenshots.add(picture, variationID: id, projectID: scope.project.id, isManual: true)
            }
            let size = Self.size(request)
            let shown = size == .full ? picture : thumbnail
            return Self.show(shown.bytes, shown.format, id, size, request)
        }
        surface.on("triggerExperienceScreenshots", allow: .may(.edit(.experience), in: .project), trigger)
    }

    private func trigger(_ scope: ResourceScope, _ request: OperationRequest) async throws -> OperationResponse {
        let body = try request.bodyMembers
        do {
            let id = try request.pathID("experience_id")
            let variations = try await experiences.variationsWithPages(
                of: id, named: body["variations"]?.array?.compactMap(\.int64), scope)
            try chromium.checkInstalled()
            let count = try await screenshots.take(
                variations, experienceID: id, projectID: scope.project.id,
                replacesManual: body["force_regenerate"]?.bool ?? false)
            return .success(
                count == 0
                    ? "Every variation has an uploaded screenshot; force_regenerate replaces them."
                    : "\(count) screenshots will be taken; screenshots_info shows how far they are.")
        } catch let error as BrowserError {
            throw APIError(
                .serviceUnavailable,
                "Screenshots need Chromium, and \(error). Install it (Debian: apt install chromium), or set "
                    + "SEXTANT_CHROMIUM to its path.")
        } catch JobError.alreadyRunning {
            throw APIError(
                .conflict, "Screenshots of this experience are being taken; try again when screenshots_info shows none."
            )
        }
    }

    private func variation(_ request: OperationRequest, _ scope: ResourceScope) async throws -> Int64 {
        let id = try request.pathID("variation_id")
        try await experiences.checkVariation(id, of: request.pathID("experience_id"), scope)
        return id
    }

    private static func size(_ request: OperationRequest) -> ScreenshotSize {
        request.query["size"]?.string == "thumb" ? .thumbnail : .full
    }

    /// Contract schema `Base64Image`.
    private static func show(
        _ bytes: [UInt8], _ format: ImageFormat, _ id: Int64, _ size: ScreenshotSize, _ request: OperationRequest
    ) -> OperationResponse {
        var response = OperationResponse.json(["data": .string(Data(bytes).base64EncodedString())])
        let isDownload = request.query["force_download"]?.bool == true
        let name = "variation-\(id)\(size == .full ? "" : "-thumb").\(format.rawValue).json"
        response.headers[.contentDisposition] = "\(isDownload ? "attachment" : "inline"); filename=\"\(name)\""
        return response
    }
}
