/// The name of a stored file inside a ``BlobStore``: segments joined by `/`, such as `exports/12/2025-W19.parquet`.
///
/// Only names that mean the same on every file system, in every bucket and in every URL are accepted, so that a key can
/// never leave the store's folder and never needs escaping: each segment is 1 to 255 of `A-Z a-z 0-9 . _ -` and does not
/// begin with a dot (such names are kept for the store's own unfinished files). At most 900 characters in all, which
/// leaves room for a bucket's prefix below S3's limit of 1,024.
public struct BlobKey: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The whole key, without a leading or trailing slash.
    public let path: String

    /// The longest key accepted, in characters.
    public static let maximumLength = 900

    /// Checks `path` against the rules above.
    /// - Throws: ``BlobStoreError/invalidKey(_:reason:)``.
    public init(_ path: String) throws(BlobStoreError) {
        guard !path.isEmpty else { throw .invalidKey(path, reason: "it is empty") }
        guard path.utf8.count <= Self.maximumLength else {
            throw .invalidKey(String(path.prefix(64)), reason: "it is longer than \(Self.maximumLength) characters")
        }
        for segment in path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard let first = segment.first else { throw .invalidKey(path, reason: "it has an empty segment") }
            guard segment.count <= 255 else {
                throw .invalidKey(path, reason: "a segment is longer than 255 characters")
            }
            guard first != UInt8(ascii: ".") else { throw .invalidKey(path, reason: "a segment begins with a dot") }
            guard segment.allSatisfy(Self.isAllowed) else {
                throw .invalidKey(path, reason: "only letters, digits, '.', '_' and '-' are allowed between slashes")
            }
        }
        self.path = path
    }

    /// This key continued by `suffix`, which may itself have several segments.
    /// - Throws: ``BlobStoreError/invalidKey(_:reason:)``.
    public func appending(_ suffix: String) throws(BlobStoreError) -> BlobKey {
        try BlobKey("\(path)/\(suffix)")
    }

    /// The last segment.
    public var name: String {
        String(path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...])
    }

    public var description: String { path }

    /// Byte order, the order in which buckets list their keys.
    public static func < (left: BlobKey, right: BlobKey) -> Bool {
        left.path.utf8.lexicographicallyPrecedes(right.path.utf8)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
