import HTTPClient

/// One call of the S3 API, before it is signed.
struct S3Request: Sendable {
    enum Body: Sendable {
        case none
        case bytes([UInt8])
        /// A part of a file and its SHA-256 in hexadecimal.
        case file(OpenFile, Range<Int>, sha256: String)

        var size: Int {
            switch self {
            case .none: 0
            case .bytes(let bytes): bytes.count
            case .file(_, let range, _): range.count
            }
        }

        /// The body as it is sent. A file is read while it goes out.
        var content: ClientRequest.Body {
            switch self {
            case .none: .none
            case .bytes(let bytes): .bytes(bytes)
            case .file(let file, let range, _):
                .pieces(count: range.count) { offset, target in
                    let count = try file.read(at: range.lowerBound + offset, into: target)
                    guard count == target.count else {
                        throw BlobStoreError.unusableSource(path: file.path, reason: "it became shorter while read")
                    }
                    return count
                }
            }
        }
    }

    /// The operation's name in the S3 documentation, for messages.
    let operation: String
    let method: String
    /// The key that the call is about, for messages.
    var key: BlobKey?
    /// The object's name in the bucket; nil for calls on the bucket itself.
    var objectName: String?
    var query: [(name: String, value: String)] = []
    var headers: [(name: String, value: String)] = []
    var body = Body.none
}
