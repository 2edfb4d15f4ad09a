import Foundation
import NIOPosix
import Time

/// A ``BlobStore`` in a folder on local disk, with links signed by the server's own key.
///
/// Publishing is a rename inside one file system after the content is on the disk, followed by a flush of the folder,
/// so that a crash leaves the old file or the new one. A file that arrives from another file system is copied first, to
/// a hidden folder that no key can name. The media type of a file is not kept; see ``BlobContentType``.
public struct LocalBlobStore: BlobStore {
    /// The fewest bytes of a signing key.
    public static let minimumKeyLength = 32

    let folder: LocalFolder
    let publicBaseURL: String
    /// The path below which links live, without a trailing slash: `/blobs`; empty for the root.
    public let publicPath: String
    let signer: RequestSigner

    /// Creates the folder if needed (readable by its owner only) and clears what a crash left unfinished. Blocks; call
    /// it while starting.
    /// - Parameters:
    ///   - directory: the folder's absolute path.
    ///   - publicBaseURL: what links begin with: a path such as `/blobs`, or a whole URL such as
    ///     `https://sextant.example.com/blobs`. The gateway answers below its path.
    ///   - signingKey: at least 32 secret random bytes. Links die when it changes.
    /// - Throws: ``BlobStoreError/invalidConfiguration(field:reason:)``, ``BlobStoreError/disk(operation:path:reason:)``.
    public init(directory: String, publicBaseURL: String, signingKey: [UInt8]) throws(BlobStoreError) {
        guard directory.hasPrefix("/") else {
            throw .invalidConfiguration(field: "blob directory", reason: "'\(directory)' is not an absolute path")
        }
        guard signingKey.count >= Self.minimumKeyLength else {
            throw .invalidConfiguration(
                field: "blob signing key",
                reason: "it has \(signingKey.count) bytes; \(Self.minimumKeyLength) are needed")
        }
        var base = publicBaseURL
        while base.hasSuffix("/") { base.removeLast() }
        guard let path = Self.path(ofBaseURL: base) else {
            throw .invalidConfiguration(
                field: "public base URL",
                reason: "'\(publicBaseURL)' is neither a path that begins with '/' nor an http(s) URL without query")
        }
        self.publicBaseURL = base
        self.publicPath = path
        self.signer = RequestSigner(
            accessKeyID: "sextant", secret: signingKey, sessionToken: nil, region: "local", service: "blobs")
        self.folder = LocalFolder(root: directory)
        try folder.prepare()
    }

    public func publish(
        fileAt path: String, as key: BlobKey, contentType: String, known: StoredBlob?
    ) async throws -> StoredBlob {
        let source = try await SourceFile.open(path, known: known)
        let stored: StoredBlob
        if let known {
            stored = known
        } else {
            stored = StoredBlob(size: source.size, sha256: try await FileDigest.sha256(of: source))
        }
        try await NIOThreadPool.singleton.runIfActive { [folder] in try folder.move(source, to: key) }
        return stored
    }

    public func delete(_ key: BlobKey) async throws {
        try await NIOThreadPool.singleton.runIfActive { [folder] in try folder.remove(key) }
    }

    public func delete(prefix: BlobKey) async throws {
        try await NIOThreadPool.singleton.runIfActive { [folder] in try folder.removeAll(below: prefix) }
    }

    public func list(prefix: BlobKey?) async throws -> [BlobListing] {
        try await NIOThreadPool.singleton.runIfActive { [folder] in try folder.list(below: prefix) }
    }

    public func size(of key: BlobKey) async throws -> Int? {
        try await NIOThreadPool.singleton.runIfActive { [folder] in try folder.open(key)?.size }
    }

    /// How many bytes a file has, and what tells it from any other that was or will be under its key; nil when there is
    /// none.
    public func state(of key: BlobKey) async throws -> (size: Int, version: String)? {
        try await NIOThreadPool.singleton.runIfActive { [folder] in
            try folder.open(key).map { ($0.size, $0.version) }
        }
    }

    public func read(_ key: BlobKey, range: Range<Int>?) async throws -> BlobContent {
        let file = try await NIOThreadPool.singleton.runIfActive { [folder] in try folder.open(key) }
        guard let file else { throw BlobStoreError.notFound(key) }
        var wanted = 0..<file.size
        if let range {
            guard let clipped = range.clipped(toFileOf: file.size) else {
                throw BlobStoreError.rangeNotSatisfiable(key, size: file.size)
            }
            wanted = clipped
        }
        return BlobContent(totalSize: file.size, range: wanted, source: .file(FileChunks(file: file, range: wanted)))
    }
}
