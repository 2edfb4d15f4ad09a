/// What an S3 service says when it refuses: a status and, for most calls, an XML `Error` with `Code` and `Message`.
struct S3ErrorDocument: Sendable {
    let status: Int
    let code: String
    let message: String

    /// - Parameter body: may be empty or no XML at all, as from a proxy or for HEAD.
    init(status: Int, body: [UInt8]) {
        let document = try? XMLElement(document: body)
        let error = document?.name == "Error" ? document : nil
        self.status = status
        self.code = error?["Code"]?.text ?? "no code"
        self.message = error?["Message"]?.text ?? "no message"
    }

    /// Whether the same request may succeed a moment later.
    var isTemporary: Bool {
        status >= 500 || status == 429 || status == 408
            || ["RequestTimeout", "SlowDown", "InternalError", "OperationAborted"].contains(code)
    }

    func blobStoreError(for request: S3Request, in configuration: S3Configuration) -> BlobStoreError {
        switch code {
        case "NoSuchBucket":
            return .bucketMissing(bucket: configuration.bucket, endpoint: configuration.endpoint)
        case "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "TokenRefreshRequired",
            "RequestTimeTooSkewed":
            return .credentialsRejected(code: code, message: message)
        case "PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException":
            return .invalidConfiguration(
                field: "blob address", reason: "region or endpoint do not fit the bucket (\(code): \(message))")
        default: break
        }
        switch status {
        case 404:
            if let key = request.key, ["NoSuchKey", "no code"].contains(code) { return .notFound(key) }
        case 403:
            let reason = code == "no code" ? "HTTP 403" : "\(code): \(message)"
            return .accessDenied(operation: request.operation, bucket: configuration.bucket, message: reason)
        case 300..<400:
            return .invalidConfiguration(
                field: "blob address", reason: "the endpoint redirects (HTTP \(status)): name the bucket's own region")
        default: break
        }
        return .service(operation: request.operation, status: status, code: code, message: message)
    }
}
