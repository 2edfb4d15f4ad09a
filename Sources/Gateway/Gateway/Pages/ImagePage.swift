import BlobStore
import HTTPTypes
public import Hummingbird
public import Images

/// Pictures of projects, for the pages that show them: `/cdn/PROJECT/KEY`, open to whoever has the address.
public struct ImagePage: Page {
    public static let pathPrefix = "/cdn/"

    private let images: ImageStore

    public init(images: ImageStore) {
        self.images = images
    }

    /// Where a picture is served, below the server's address.
    public static func path(_ image: StoredImage, projectID: Int64) -> String {
        "\(pathPrefix)\(projectID)/\(image.key)"
    }

    public var label: String { "page.image" }

    public func serves(_ path: String) -> Bool {
        path.hasPrefix(Self.pathPrefix)
    }

    public func respond(to request: Request) async throws -> OperationResponse {
        let segments = request.uri.path.dropFirst(Self.pathPrefix.count).split(
            separator: "/", omittingEmptySubsequences: false)
        guard segments.count == 2, let projectID = Int64(segments[0]),
            let (image, content) = try await images.content(String(segments[1]), projectID: projectID)
        else { throw APIError.notFound("There is no such image.") }
        let tag = "\"\(image.key)\""
        var headers: HTTPFields = [
            .contentType: image.contentType,
            .eTag: tag,
            // Never another picture under the same key.
            .cacheControl: "public, max-age=31536000, immutable",
            .xContentTypeOptions: "nosniff",
            // Were there anything in a picture that runs, it would run nowhere.
            .contentSecurityPolicy: "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox",
            .accessControlAllowOrigin: "*",
        ]
        if let name = HTTPField.Name("Cross-Origin-Resource-Policy") { headers[name] = "cross-origin" }
        if request.headers.hasEntity(tagged: tag) {
            return OperationResponse(status: .notModified, headers: headers)
        }
        return OperationResponse(
            status: .ok, headers: headers, body: .stream(length: image.sizeBytes) { content.stream })
    }
}
