/// Something that is derived from the event log and kept up to date with it: profiles, the catalogue, and whatever
/// comes to follow events later.
///
/// The log is the source of truth. A projection stores, in the same transaction as its effects, the id of the last
/// event it has applied; after a crash the events past that id are read back from the log and applied again from
/// there, so every event takes effect once.
public protocol EventProjection: Sendable {
    /// The id of the last event whose effects are stored; nil when none ever was.
    func position() async throws -> EventIdentifier?

    /// Applies events in log order and moves the position to `position`, all in one transaction.
    /// - Parameter events: committed events, without duplicates, each batch with the indices that were stored.
    func apply(_ events: [CommittedEvents], movingTo position: EventIdentifier) async throws
}

/// The events of one batch that a commit really stored.
public struct CommittedEvents: Sendable {
    public let batch: EventBatch
    /// Indices into the batch, rising; what is missing was a duplicate.
    public let indices: [Int]

    public init(batch: EventBatch, indices: [Int]) {
        self.batch = batch
        self.indices = indices
    }
}
