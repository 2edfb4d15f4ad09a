import Cryptography
import JSON
import Packing

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

    /// The most bytes of JSON: clients fetch it with every page.
    static let maximumBytes = 16 * 1_048_576

    /// What to tell of a config that is larger.
    struct Oversized: Error, CustomStringConvertible {
        let description =
            "it would take more than \(maximumBytes) bytes; make changes and the values of variables smaller, or archive "
            + "experiences"
    }

    init(_ document: JSONValue) throws(Oversized) {
        // Counted first: a value may be in it many times, and takes memory once.
        var bytesLeft = Self.maximumBytes
        guard document.fits(&bytesLeft) else { throw Oversized() }
        let bytes = document.encoded()
        guard bytes.count <= Self.maximumBytes else { throw Oversized() }
        let packed = Gzip.compress(bytes)
        self.bytes = bytes
        gzip = packed.flatMap { $0.count < bytes.count ? $0 : nil }
        let digest = Digest(of: bytes).hexadecimal.prefix(32)
        entityTag = "\"\(digest)\""
        gzipEntityTag = "\"\(digest)-gzip\""
    }
}

extension JSONValue {
    /// Whether it can be written in so many bytes, escapes not counted.
    fileprivate func fits(_ bytesLeft: inout Int) -> Bool {
        bytesLeft -= 1
        switch self {
        case .string(let text), .number(let text): bytesLeft -= text.utf8.count
        case .array(let elements):
            for element in elements { guard element.fits(&bytesLeft) else { return false } }
        case .object(let members):
            for (name, value) in members {
                bytesLeft -= name.utf8.count + 3
                guard value.fits(&bytesLeft) else { return false }
            }
        case .null, .bool, .integer, .double: break
        }
        return bytesLeft >= 0
    }
}
