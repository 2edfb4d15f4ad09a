import Time

extension RequestSigner {
    /// The longest life of a presigned link: 7 days.
    static let maximumLifetimeSeconds = 604_800

    /// The path and query of a link to `path` that anybody may fetch until `lifetimeSeconds` after `time`.
    ///
    /// Everything is covered by the signature: path, host, time, life, and the further pairs of `query`.
    /// - Throws: ``BlobStoreError/invalidLifetime(seconds:)``.
    func presignedTarget(
        path: String, host: String, query: [(name: String, value: String)], at time: Timestamp, lifetimeSeconds: Int
    ) throws(BlobStoreError) -> String {
        guard (1...Self.maximumLifetimeSeconds).contains(lifetimeSeconds) else {
            throw .invalidLifetime(seconds: lifetimeSeconds)
        }
        var query =
            query + [
                (PresignedQuery.algorithm, Self.algorithm),
                (PresignedQuery.credential, credential(at: time)),
                (PresignedQuery.date, time.formatted(.basic)),
                (PresignedQuery.expires, String(lifetimeSeconds)),
                (PresignedQuery.signedHeaders, "host"),
            ]
        if let sessionToken { query.append((PresignedQuery.securityToken, sessionToken)) }
        let request = CanonicalRequest(
            method: "GET", path: path, query: query, headers: [("host", host)],
            payloadHash: CanonicalRequest.unsignedPayload)
        return "\(request.encodedPath)?\(request.encodedQuery)"
            + "&\(PresignedQuery.signature)=\(signature(of: request, at: time))"
    }
}

/// The names of a presigned link's query parameters.
enum PresignedQuery {
    static let algorithm = "X-Amz-Algorithm"
    static let credential = "X-Amz-Credential"
    static let date = "X-Amz-Date"
    static let expires = "X-Amz-Expires"
    static let securityToken = "X-Amz-Security-Token"
    static let signedHeaders = "X-Amz-SignedHeaders"
    static let signature = "X-Amz-Signature"
    static let contentDisposition = "response-content-disposition"
}
