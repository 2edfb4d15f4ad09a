import BlobStore
import Synchronization
import Time

/// A blob store whose process dies at a chosen publication.
final class InterruptedBlobStore: BlobStore {
    struct Death: Error {}

    private let base: LocalBlobStore
    private let dying: Int
    private let diesAfterwards: Bool
    private let count = Mutex(0)
    private let onPublish: @Sendable (Int) async throws -> Void

    /// - Parameters:
    ///   - dying: the publication, from 1, at which it dies; 0 for never.
    ///   - diesAfterwards: whether the file is published all the same.
    ///   - onPublish: called after each publication, with its number.
    init(
        _ base: LocalBlobStore, dying: Int = 0, diesAfterwards: Bool = false,
        onPublish: @escaping @Sendable (Int) async throws -> Void = { _ in }
    ) {
        self.base = base
        self.dying = dying
        self.diesAfterwards = diesAfterwards
        self.onPublish = onPublish
    }

    var publications: Int { count.withLock { $0 } }

    func publish(fileAt path: String, as key: BlobKey, contentType: String, known: StoredBlob?) async throws
        -> StoredBlob
    {
        let number = count.withLock { count in
            count += 1
            return count
        }
        if number == dying && !diesAfterwards { throw Death() }
        let stored = try await base.publish(fileAt: path, as: key, contentType: contentType, known: known)
        if number == dying { throw Death() }
        try await onPublish(number)
        return stored
    }

    func delete(_ key: BlobKey) async throws { try await base.delete(key) }
    func delete(prefix: BlobKey) async throws { try await base.delete(prefix: prefix) }
    func list(prefix: BlobKey?) async throws -> [BlobListing] { try await base.list(prefix: prefix) }
    func size(of key: BlobKey) async throws -> Int? { try await base.size(of: key) }
    func read(_ key: BlobKey, range: Range<Int>?) async throws -> BlobContent { try await base.read(key, range: range) }
    func signedURL(for key: BlobKey, signedAt: Timestamp, lifetimeSeconds: Int, fileName: String)
        throws(BlobStoreError) -> String
    {
        try base.signedURL(for: key, signedAt: signedAt, lifetimeSeconds: lifetimeSeconds, fileName: fileName)
    }
}
