/// Something that is derived from the event log and kept up to date with it: profiles, the catalogue, and whatever
/// comes to follow events later.
///
/// The log is the source of truth. A projection stores, in the same transaction as its effects, the position up to which
/// it has applied events; after a crash the events behind it are read back from the log and applied from there, so every
/// event takes effect once. What it cannot apply is set aside in the transaction that passes it, so that
/// one event stops no other and none is lost.
public protocol EventProjection: Sendable {
    /// What its position, and the events it has set aside, are stored under.
    var name: String { get }

    /// Up to where the effects of events are stored; nil when none ever were.
    func position() async throws -> LogPosition?

    /// Applies events in log order and makes the step, all in one transaction.
    /// - Parameter events: committed events, without duplicates, each batch with the indices that were stored.
    func apply(_ events: [CommittedEvents], _ step: ProjectionStep) async throws

    /// Whether an error is the store's, such as a full disk, and will pass: it says nothing about the events.
    func isStoreTrouble(_ error: any Error) -> Bool
}

/// What stands in a projection's store after some events were applied.
public enum ProjectionStep: Sendable {
    /// The position moves; these of the events up to there, which are not among those that are applied, were set aside.
    case advance(to: LogPosition, settingAside: [UnappliedEvent])
    /// The event, which was set aside, no longer is; the position stays. Nothing is applied when it is not set aside.
    case again(EventIdentifier)
}

/// An event that a projection cannot apply.
public struct UnappliedEvent: Sendable {
    public let identifier: EventIdentifier
    public let event: EventView
    /// What the last attempt said.
    public let reason: String
    /// How often it was tried, alone or among others.
    public let attempts: Int

    public init(identifier: EventIdentifier, event: EventView, reason: String, attempts: Int) {
        self.identifier = identifier
        self.event = event
        self.reason = reason
        self.attempts = attempts
    }
}

/// The events of one batch that a commit really stored.
public struct CommittedEvents: Sendable {
    public let batch: EventBatch
    /// Indices into the batch, rising; what is missing was a duplicate.
    public let indices: [Int]
    /// The id of each, in the order of the indices.
    public let identifiers: [EventIdentifier]

    /// - Parameter identifiers: as many as there are indices.
    public init(batch: EventBatch, indices: [Int], identifiers: [EventIdentifier]) {
        self.batch = batch
        self.indices = indices
        self.identifiers = identifiers
    }
}
