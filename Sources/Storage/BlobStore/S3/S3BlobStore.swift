import HTTPClient
public import Time

/// A ``BlobStore`` in a bucket of any S3-compatible service, spoken to with AWS Signature Version 4.
///
/// A small file is one PUT, a large one a multipart upload: both become visible whole or not at all. Payloads are
/// signed, so the service refuses content that changed on the way.
public struct S3BlobStore: BlobStore {
    /// Where the bucket is.
    public let configuration: S3Configuration
    let transport: S3Transport

    /// - Parameter clock: dates the signatures; services refuse clocks more than 15 minutes wrong.
    public init(configuration: S3Configuration, clock: WallClock = .system) {
        self.configuration = configuration
        self.transport = S3Transport(configuration: configuration, clock: clock)
    }

    /// Asks for the bucket, so that a wrong address or wrong credentials show at start.
    public func checkAccess() async throws {
        _ = try await listPage(prefix: nil, token: nil, limit: 1)
    }

    public func publish(
        fileAt path: String, as key: BlobKey, contentType: String, known: StoredBlob?
    ) async throws -> StoredBlob {
        let file = try await SourceFile.open(path, known: known)
        let stored: StoredBlob
        if file.size > configuration.partSize {
            stored = try await publishInParts(file, as: key, contentType: contentType, known: known)
        } else {
            let sha256: String
            if let known { sha256 = known.sha256 } else { sha256 = try await FileDigest.sha256(of: file) }
            var request = request("PutObject", "PUT", key)
            request.headers = [("content-type", contentType), (S3ObjectHead.digestHeader, sha256)]
            request.body = .file(file, 0..<file.size, sha256: sha256)
            _ = try await transport.send(request)
            stored = StoredBlob(size: file.size, sha256: sha256)
        }
        try await SourceFile.remove(path)
        return stored
    }

    public func delete(_ key: BlobKey) async throws {
        do {
            _ = try await transport.send(request("DeleteObject", "DELETE", key))
        } catch BlobStoreError.notFound {
            // Some services say so; nothing is left either way.
        }
    }

    public func delete(prefix: BlobKey) async throws {
        for listing in try await list(prefix: prefix) { try await delete(listing.key) }
    }

    public func list(prefix: BlobKey?) async throws -> [BlobListing] {
        var listing: [BlobListing] = []
        var token: String?
        repeat {
            let page = try await listPage(prefix: prefix, token: token, limit: 1_000)
            listing += page.files
            token = page.nextToken
        } while token != nil
        return listing
    }

    public func size(of key: BlobKey) async throws -> Int? {
        try await head(key)?.size
    }

    public func read(_ key: BlobKey, range: Range<Int>?) async throws -> BlobContent {
        var request = request("GetObject", "GET", key)
        if let range {
            guard range.lowerBound >= 0, !range.isEmpty else {
                guard let size = try await size(of: key) else { throw BlobStoreError.notFound(key) }
                throw BlobStoreError.rangeNotSatisfiable(key, size: size)
            }
            request.headers = [("range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)")]
        }
        do {
            let response = try await transport.send(request)
            let extent = try S3ContentExtent(response, request: request)
            return BlobContent(totalSize: extent.totalSize, range: extent.range, source: .http(response.body))
        } catch BlobStoreError.service(_, 416, _, _) {
            throw BlobStoreError.rangeNotSatisfiable(key, size: try await size(of: key) ?? 0)
        }
    }

    public func signedURL(
        for key: BlobKey, signedAt: Timestamp, lifetimeSeconds: Int, fileName: String
    ) throws(BlobStoreError) -> String {
        let disposition = try ContentDisposition.attachment(fileName: fileName)
        return configuration.origin
            + (try configuration.signer.presignedTarget(
                path: configuration.path(of: configuration.objectName(of: key)), host: configuration.host,
                query: [(PresignedQuery.contentDisposition, disposition)], at: signedAt,
                lifetimeSeconds: lifetimeSeconds))
    }

    func request(_ operation: String, _ method: String, _ key: BlobKey) -> S3Request {
        S3Request(operation: operation, method: method, key: key, objectName: configuration.objectName(of: key))
    }

    /// What the service knows about the file under `key`; nil when there is none.
    func head(_ key: BlobKey) async throws -> S3ObjectHead? {
        let request = request("HeadObject", "HEAD", key)
        do {
            return try S3ObjectHead(try await transport.send(request), request: request)
        } catch BlobStoreError.notFound {
            // HEAD has no body that could tell a missing bucket from a missing file.
            try await checkBucket()
            return nil
        }
    }

    /// A caller who may not ask for the bucket itself is not told that it is missing.
    private func checkBucket() async throws {
        do {
            _ = try await transport.send(S3Request(operation: "HeadBucket", method: "HEAD"))
        } catch BlobStoreError.service(_, 404, _, _) {
            throw BlobStoreError.bucketMissing(bucket: configuration.bucket, endpoint: configuration.endpoint)
        } catch BlobStoreError.accessDenied {
            return
        }
    }
}
