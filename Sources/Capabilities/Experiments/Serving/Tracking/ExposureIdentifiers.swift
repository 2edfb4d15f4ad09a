import EventStore
import Synchronization
import Time

/// Hands out the ids of experiment events: each greater than all before it.
final class ExposureIdentifiers: Sendable {
    private let sequence: Mutex<EventIdentifierSequence>

    /// Goes on after those that are stored.
    init(after store: EventStore) async throws {
        let last = try await store.lastExperimentEvent()
        sequence = Mutex(EventIdentifierSequence(after: last))
    }

    /// The next one. Ids of a transaction that fails are never used.
    func next(at time: Timestamp) -> EventIdentifier { sequence.withLock { $0.next(at: time) } }
}
