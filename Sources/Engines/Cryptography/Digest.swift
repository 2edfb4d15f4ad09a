import CCrypto
import Text

/// A SHA-256 digest: 32 bytes. Comparing two takes as long wherever they differ.
public struct Digest: Sendable, Hashable {
    /// Bytes of a digest.
    public static let byteCount = Int(ccrypto_digest_length)

    private let words: (UInt64, UInt64, UInt64, UInt64)

    /// - Parameter write: puts ``byteCount`` bytes where it is told.
    init(_ write: (UnsafeMutablePointer<UInt8>) -> Void) {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        withUnsafeMutableBytes(of: &words) { target in
            target.withMemoryRebound(to: UInt8.self) { bytes in
                if let start = bytes.baseAddress { write(start) }
            }
        }
        self.words = words
    }

    /// The digest of bytes that are in memory as a whole; see ``SHA256`` for those that are not.
    public init(of bytes: some Collection<UInt8>) {
        var hash = SHA256()
        hash.update(bytes)
        self = hash.finish()
    }

    /// A digest that was stored; nil unless it is ``byteCount`` bytes.
    public init?(stored bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.init { target in target.update(from: bytes, count: Self.byteCount) }
    }

    /// The digest as it is stored.
    public var bytes: [UInt8] { withUnsafeBytes(of: words) { Array($0) } }

    /// 64 lowercase hexadecimal digits.
    public var hexadecimal: String { Hexadecimal.encode(bytes) }

    public static func == (left: Digest, right: Digest) -> Bool {
        withUnsafeBytes(of: left.words) { left in
            withUnsafeBytes(of: right.words) { right in
                guard let left = left.baseAddress, let right = right.baseAddress else { return false }
                return ccrypto_is_equal(left, right, byteCount) != 0
            }
        }
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
    }
}
