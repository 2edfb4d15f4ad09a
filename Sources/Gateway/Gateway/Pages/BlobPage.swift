public import BlobStore
import HTTPTypes
public import Hummingbird
import NIOCore
public import Time

/// Files behind signed links: whoever holds the link may fetch the file until it expires, without a key.
public struct BlobPage: Page {
    private let blobs: LocalBlobStore
    private let clock: WallClock
    private let pathPrefix: String

    public init(blobs: LocalBlobStore, clock: WallClock) {
        self.blobs = blobs
        pathPrefix = "\(blobs.publicPath)/"
        self.clock = clock
    }

    public var label: String { "page.file" }

    public func serves(_ path: String) -> Bool {
        path.hasPrefix(pathPrefix)
    }

    public func respond(to request: Request) async throws -> OperationResponse {
        let link: SignedBlobLink
        switch blobs.verify(path: request.uri.path, query: request.uri.query ?? "", now: clock.now) {
        case .valid(let valid): link = valid
        case .expired:
            throw APIError(.forbidden, "The link has expired. Ask for the job again, or start a new export.")
        case .invalid:
            throw APIError(.forbidden, "The link is not valid. Use it exactly as it was given.")
        }
        guard let (size, version) = try await blobs.state(of: link.key) else {
            throw APIError.notFound("The file is gone: exports are kept for three days.")
        }
        let tag = "\"\(version)\""
        var headers: HTTPFields = [
            .eTag: tag,
            .contentType: BlobContentType.of(fileName: link.key.name), .contentDisposition: link.contentDisposition,
            .acceptRanges: "bytes", .cacheControl: "private, no-store",
        ]
        if request.headers.hasEntity(tagged: tag) { return OperationResponse(status: .notModified, headers: headers) }
        switch ByteRange(request.method, request.headers, of: size, tag: tag) {
        case .whole:
            return OperationResponse(status: .ok, headers: headers, body: try await stream(link.key, range: nil, size))
        case .part(let range):
            headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
            return OperationResponse(
                status: .partialContent, headers: headers, body: try await stream(link.key, range: range, range.count))
        case .unsatisfiable:
            throw APIError(
                .rangeNotSatisfiable, "The file has \(size) bytes; the range lies outside of them.",
                headers: [.contentRange: "bytes */\(size)", .acceptRanges: "bytes"])
        }
    }

    private func stream(_ key: BlobKey, range: Range<Int>?, _ length: Int) async throws -> OperationResponse.Body {
        if length == 0 { return .bytes([]) }
        let content = try await blobs.read(key, range: range)
        return .stream(length: length) { content.stream }
    }
}
