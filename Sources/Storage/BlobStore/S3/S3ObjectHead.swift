import HTTPClient

/// What HeadObject tells about a file.
struct S3ObjectHead: Sendable, Hashable {
    /// The metadata header under which the store keeps each file's SHA-256.
    static let digestHeader = "x-amz-meta-sha256"

    let size: Int
    /// Nil for files that somebody else put into the bucket.
    let sha256: String?

    /// - Throws: ``BlobStoreError/service(operation:status:code:message:)`` when the size is missing.
    init(_ response: ClientResponse, request: S3Request) throws(BlobStoreError) {
        guard let size = response.header("content-length").flatMap({ Int($0) }) else {
            throw .service(
                operation: request.operation, status: response.status, code: "no code",
                message: "the answer has no Content-Length")
        }
        self.size = size
        self.sha256 = response.header(Self.digestHeader)
    }
}
