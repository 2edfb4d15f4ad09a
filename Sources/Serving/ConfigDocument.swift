import Crypto
import JSON

/// A config document as it is sent.
public struct ConfigDocument: Sendable {
    /// JSON.
    public let bytes: [UInt8]
    /// The same, packed; nil where that saves nothing.
    public let gzip: [UInt8]?
    /// Says that the document is still the same (RFC 9110, 8.8.3).
    public let entityTag: String
    /// The same for the packed form, whose bytes are others.
    public let gzipEntityTag: String

    init(_ document: JSONValue) {
        let bytes = document.encoded()
        let packed = Gzip.compress(bytes)
        self.bytes = bytes
        gzip = packed.flatMap { $0.count < bytes.count ? $0 : nil }
        let digest = SHA256.hash(data: bytes).prefix(16).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        entityTag = "\"\(digest.joined())\""
        gzipEntityTag = "\"\(digest.joined())-gzip\""
    }
}
