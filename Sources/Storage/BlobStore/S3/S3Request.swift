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
