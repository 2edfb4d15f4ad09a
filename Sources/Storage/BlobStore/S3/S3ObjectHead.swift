import AsyncHTTPClient
import NIOHTTP1

/// What HeadObject tells about a file.
struct S3ObjectHead: Sendable, Hashable {
    /// The metadata header under which the store keeps each file's SHA-256.
    static let digestHeader = "x-amz-meta-sha256"

    let size: Int
    /// Nil for files that somebody else put into the bucket.
    let sha256: String?

    /// - Throws: ``BlobStoreError/service(operation:status:code:message:)`` when the size is missing.
    init(_ response: HTTPClientResponse, request: S3Request) throws(BlobStoreError) {
        guard let size = response.headers.first(name: "content-length").flatMap({ Int($0) }) else {
            throw .service(
                operation: request.operation, status: Int(response.status.code), code: "no code",
                message: "the answer has no Content-Length")
        }
        self.size = size
        self.sha256 = response.headers.first(name: Self.digestHeader)
    }
}
