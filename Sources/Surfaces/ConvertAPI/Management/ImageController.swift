import Gateway
import HTTPTypes
import Identity
import Images
import JSON
import Resources

/// Pictures that experiences show: `getCdnImagesList`, `uploadCdnImage`, `deleteCdnImage`.
struct ImageController: Sendable {
    let images: ImageStore

    private static let standardCount: Int64 = 50
    private static let maximumNameLength = 200

    func addRoutes(to surface: inout SurfaceBuilder<ProjectStore>) {
        surface.on("getCdnImagesList", allow: .may(.view(.experience), in: .project)) { scope, request in
            let body = try request.bodyMembers
            let images = try await images.list(
                projectID: scope.project.id, after: body["start_from"]?.string,
                limit: Int(body["max_results"]?.int64 ?? Self.standardCount))
            return .json(["data": .array(images.map { Self.show($0, scope.project.id, request) })])
        }
        surface.on(
            "uploadCdnImage", allow: .may(.edit(.experience), in: .project),
            limits: OperationLimits(bodyBytes: UploadedImage.maximumFormBytes)
        ) { scope, request in
            let uploaded = try UploadedImage(request)
            let name = try Self.name(uploaded)
            let image = try await UploadedImage.namingField {
                try await images.add(uploaded.bytes, name: name, projectID: scope.project.id)
            }
            return .json(Self.show(image, scope.project.id, request), status: .created)
        }
        surface.on("deleteCdnImage", allow: .may(.edit(.experience), in: .project)) { scope, request in
            let key = try request.path("image_key")
            guard try await images.delete(key, projectID: scope.project.id) else {
                throw APIError.notFound("There is no image \(key.prefix(300)) in this project.")
            }
            return .success("The image \(key) is deleted.")
        }
    }

    private static func show(_ image: StoredImage, _ projectID: Int64, _ request: OperationRequest) -> JSONValue {
        [
            "key": .string(image.key),
            "cdn_url": .string("\(request.baseURL)\(ImagePage.path(image, projectID: projectID))"),
        ]
    }

    private static func name(_ image: UploadedImage) throws(APIError) -> String {
        guard let name = image.text("image_name") else {
            throw APIError.invalid("image_name", "image_name is required.")
        }
        guard !name.isEmpty, name.unicodeScalars.count <= maximumNameLength else {
            throw APIError.invalid("image_name", "image_name must have 1 to \(maximumNameLength) characters.")
        }
        return name
    }
}
