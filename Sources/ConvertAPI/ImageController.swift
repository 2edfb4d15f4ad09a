import Experiments
import Gateway
import HTTPTypes
import Identity
import Images
import JSON

/// Pictures that experiences show: `getCdnImagesList`, `uploadCdnImage`, `deleteCdnImage`.
struct ImageController: Sendable {
    let images: ImageStore
    let access: ProjectAccess

    /// Room for the form around the largest image.
    private static let maximumFormBytes = ImageStore.maximumBytes + 64 * 1_024
    private static let standardCount: Int64 = 50
    private static let maximumNameLength = 200

    func addRoutes(to surface: inout SurfaceBuilder<ConvertCaller>) {
        surface.on("getCdnImagesList") { caller, request in
            let scope = try await access.scope(caller, request)
            let body = try request.bodyMembers
            let images = try await images.list(
                projectID: scope.project.id, after: body["start_from"]?.string,
                limit: Int(body["max_results"]?.int64 ?? Self.standardCount))
            return .json(["data": .array(images.map { Self.show($0, scope.project.id, request) })])
        }
        surface.on("uploadCdnImage", limits: OperationLimits(bodyBytes: Self.maximumFormBytes)) { caller, request in
            let scope = try await access.editingScope(caller, request)
            let (name, bytes) = try Self.image(request)
            let image = try await Self.namingField {
                try await images.add(bytes, name: name, projectID: scope.project.id)
            }
            return .json(Self.show(image, scope.project.id, request), status: .created)
        }
        surface.on("deleteCdnImage") { caller, request in
            let scope = try await access.editingScope(caller, request)
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

    /// The form's two fields.
    private static func image(_ request: OperationRequest) throws(APIError) -> (name: String, bytes: [UInt8]) {
        guard case .bytes(let body, _, let contentType) = request.body,
            let boundary = MultipartForm.boundary(of: contentType),
            let form = try? MultipartForm(body, boundary: boundary)
        else { throw APIError.invalid("image", "The body must be a form with the fields image_name and image.") }
        guard let named = form["image_name"] else {
            throw APIError.invalid("image_name", "image_name is required.")
        }
        let name = String(decoding: body[named.range], as: UTF8.self)
        guard !name.isEmpty, name.unicodeScalars.count <= maximumNameLength else {
            throw APIError.invalid("image_name", "image_name must have 1 to \(maximumNameLength) characters.")
        }
        guard let image = form["image"] else { throw APIError.invalid("image", "image is required.") }
        return (name, Array(body[image.range]))
    }

    private static func namingField(_ body: () async throws -> StoredImage) async throws -> StoredImage {
        do {
            return try await body()
        } catch ImageError.tooMany(let limit, let seconds) {
            throw APIError(
                .tooManyRequests, ImageError.tooMany(perHour: limit, retryAfterSeconds: seconds).description,
                headers: [.retryAfter: "\(seconds)"])
        } catch ImageError.noProject {
            throw APIError.notFound(ImageError.noProject.description)
        } catch let error as ImageError {
            throw APIError.invalid("image", error.description)
        }
    }
}
