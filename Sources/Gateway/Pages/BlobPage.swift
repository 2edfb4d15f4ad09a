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
        guard let size = try await blobs.size(of: link.key) else {
            throw APIError.notFound("The file is gone: exports are kept for three days.")
        }
        var headers: HTTPFields = [
            .contentType: BlobContentType.of(fileName: link.key.name), .contentDisposition: link.contentDisposition,
            .acceptRanges: "bytes", .cacheControl: "private, no-store",
        ]
        guard let range = request.headers[.range].flatMap({ byteRange($0, size: size) }) else {
            return OperationResponse(status: .ok, headers: headers, body: try await stream(link.key, range: nil, size))
        }
        headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
        return OperationResponse(
            status: .partialContent, headers: headers, body: try await stream(link.key, range: range, range.count))
    }

    private func stream(_ key: BlobKey, range: Range<Int>?, _ length: Int) async throws -> OperationResponse.Body {
        if length == 0 { return .bytes([]) }
        let content = try await blobs.read(key, range: range)
        return .stream(length: length) { content.stream }
    }
}

/// A single range of a `Range: bytes=...` header; nil for anything that is answered with the whole file instead.
private func byteRange(_ header: String, size: Int) -> Range<Int>? {
    guard header.hasPrefix("bytes="), !header.contains(",") else { return nil }
    let bounds = header.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
    guard bounds.count == 2 else { return nil }
    if bounds[0].isEmpty {
        guard let count = Int(bounds[1]), count > 0, size > 0 else { return nil }
        return max(size - count, 0)..<size
    }
    guard let start = Int(bounds[0]), start >= 0, start < size else { return nil }
    if bounds[1].isEmpty { return start..<size }
    guard let last = Int(bounds[1]), last >= start else { return nil }
    return start..<min(last, size - 1) + 1
}
