public import Time

/// Finished files by key: a folder on local disk, or a bucket of any S3-compatible service.
///
/// A file is visible under its key whole or not at all, and only after it is safe on disk. Keys are compared byte by
/// byte. Every method throws ``BlobStoreError``, or `CancellationError` when its task is cancelled.
public protocol BlobStore: Sendable {
    /// Makes the finished file at `path` visible under `key`, replacing what was there, all at once or not at all.
    ///
    /// The store takes the file over: after success it is gone from `path`; after an error it is still there.
    /// - Parameters:
    ///   - path: a regular file on this machine that nobody writes to any more.
    ///   - contentType: the media type a bucket keeps and serves with the file.
    ///   - known: the file's size and SHA-256 if the caller has them already; spares a pass over the file.
    /// - Returns: the size and SHA-256 of what was stored.
    func publish(
        fileAt path: String, as key: BlobKey, contentType: String, known: StoredBlob?
    ) async throws -> StoredBlob

    /// Removes the file under `key`. A key that does not exist is no error.
    func delete(_ key: BlobKey) async throws

    /// Removes every file below the folder `prefix`, that is every key that begins with `prefix` and a slash.
    func delete(prefix: BlobKey) async throws

    /// The files below the folder `prefix`, or all of them when nil, in order of their keys.
    func list(prefix: BlobKey?) async throws -> [BlobListing]

    /// The size in bytes of the file under `key`; nil when there is none.
    func size(of key: BlobKey) async throws -> Int?

    /// Opens the file under `key` for streaming.
    /// - Parameter range: the bytes wanted, counted from zero; cut at the file's end. Nil for the whole file.
    /// - Throws: ``BlobStoreError/notFound(_:)``; ``BlobStoreError/rangeNotSatisfiable(_:size:)`` when the range is
    ///   empty or begins at or past the file's end.
    func read(_ key: BlobKey, range: Range<Int>?) async throws -> BlobContent

    /// A link that anybody may fetch until it expires, in the query form of AWS Signature Version 4.
    /// - Parameters:
    ///   - signedAt: the start of the link's life; cut to whole seconds.
    ///   - lifetimeSeconds: 1 to 604,800 (7 days, the limit of Signature Version 4).
    ///   - fileName: the name under which a browser saves the file.
    func signedURL(
        for key: BlobKey, signedAt: Timestamp, lifetimeSeconds: Int, fileName: String
    ) throws(BlobStoreError) -> String
}

extension BlobStore {
    /// ``publish(fileAt:as:contentType:known:)`` for a file of unknown digest.
    public func publish(fileAt path: String, as key: BlobKey, contentType: String) async throws -> StoredBlob {
        try await publish(fileAt: path, as: key, contentType: contentType, known: nil)
    }

    /// Whether there is a file under `key`.
    public func exists(_ key: BlobKey) async throws -> Bool {
        try await size(of: key) != nil
    }

    /// The whole file under `key`. See ``read(_:range:)``.
    public func read(_ key: BlobKey) async throws -> BlobContent {
        try await read(key, range: nil)
    }
}

/// What a manifest says about a file.
public struct StoredBlob: Sendable, Hashable {
    /// Bytes.
    public let size: Int
    /// SHA-256 of the content, 64 lowercase hexadecimal digits.
    public let sha256: String

    /// - Parameters:
    ///   - size: bytes.
    ///   - sha256: 64 lowercase hexadecimal digits.
    public init(size: Int, sha256: String) {
        self.size = size
        self.sha256 = sha256
    }
}

/// One line of ``BlobStore/list(prefix:)``.
public struct BlobListing: Sendable, Hashable {
    /// The file.
    public let key: BlobKey
    /// Bytes.
    public let size: Int
    /// When the file's content was last written.
    public let modified: Timestamp

    /// - Parameter size: bytes.
    public init(key: BlobKey, size: Int, modified: Timestamp) {
        self.key = key
        self.size = size
        self.modified = modified
    }
}
