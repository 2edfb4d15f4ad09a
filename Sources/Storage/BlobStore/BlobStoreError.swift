/// Why a ``BlobStore`` could not do what was asked.
public enum BlobStoreError: Error, Sendable, Hashable {
    /// A key breaks the rules of ``BlobKey``.
    case invalidKey(String, reason: String)
    /// A download name cannot be put into a header.
    case invalidFileName(String, reason: String)
    /// A link's life is outside of 1 to 604,800 seconds.
    case invalidLifetime(seconds: Int)
    /// A setting is missing or wrong. `field` names it as the operator writes it.
    case invalidConfiguration(field: String, reason: String)
    /// There is no file under this key.
    case notFound(BlobKey)
    /// The range asked for is empty or begins past the end of a file of `size` bytes.
    case rangeNotSatisfiable(BlobKey, size: Int)
    /// The file given to publish is missing, no regular file, or not what the caller said it is.
    case unusableSource(path: String, reason: String)
    /// The local disk refused.
    case disk(operation: String, path: String, reason: String)
    /// The bucket does not exist.
    case bucketMissing(bucket: String, endpoint: String)
    /// The credentials are good but may not do this.
    case accessDenied(operation: String, bucket: String, message: String)
    /// The service does not know the access key, or the signature did not match.
    case credentialsRejected(code: String, message: String)
    /// The service answered with another error.
    case service(operation: String, status: Int, code: String, message: String)
    /// No answer, after all attempts.
    case unreachable(endpoint: String, operation: String, attempts: Int, reason: String)
    /// A download ended before its last byte.
    case truncated(received: Int, expected: Int)
}

extension BlobStoreError {
    /// Whether the same call may succeed later without anybody changing anything.
    public var isTemporary: Bool {
        switch self {
        case .disk, .unreachable, .truncated: true
        case .service(_, let status, _, _): status >= 500 || status == 429
        default: false
        }
    }
}

extension BlobStoreError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidKey(let key, let reason):
            "The blob key '\(key)' is not usable: \(reason)."
        case .invalidFileName(let name, let reason):
            "The file name '\(name)' is not usable: \(reason)."
        case .invalidLifetime(let seconds):
            "A link cannot live \(seconds) seconds: choose 1 to 604800 (7 days)."
        case .invalidConfiguration(let field, let reason):
            "\(field): \(reason)."
        case .notFound(let key):
            "There is no file '\(key)'."
        case .rangeNotSatisfiable(let key, let size):
            "The range asked for does not lie inside '\(key)', which has \(size) bytes."
        case .unusableSource(let path, let reason):
            "The file '\(path)' cannot be published: \(reason)."
        case .disk(let operation, let path, let reason):
            "The disk refused to \(operation) '\(path)': \(reason)."
        case .bucketMissing(let bucket, let endpoint):
            "The bucket '\(bucket)' does not exist at \(endpoint): create it, or correct the name in the s3:// address."
        case .accessDenied(let operation, let bucket, let message):
            "\(operation) in bucket '\(bucket)' was denied (\(message)): give the access key s3:GetObject, s3:PutObject, "
                + "s3:DeleteObject, s3:AbortMultipartUpload on the objects and s3:ListBucket on the bucket."
        case .credentialsRejected(let code, let message):
            "The S3 credentials were rejected (\(code): \(message)): check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, "
                + "AWS_SESSION_TOKEN, and this machine's clock."
        case .service(let operation, let status, let code, let message):
            "\(operation) failed with HTTP \(status) (\(code): \(message))."
        case .unreachable(let endpoint, let operation, let attempts, let reason):
            "\(operation) got no answer from \(endpoint) in \(attempts) attempts (\(reason)): "
                + "check the endpoint and the network."
        case .truncated(let received, let expected):
            "The download ended after \(received) of \(expected) bytes: fetch it again."
        }
    }
}
