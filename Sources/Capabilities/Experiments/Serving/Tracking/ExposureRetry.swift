public import ControlStore
public import EventStore

/// Takes experiment events to the event store that were set aside on the way.
public struct ExposureRetry: Sendable {
    private let store: ControlStore
    private let events: EventStore

    public init(store: ControlStore, events: EventStore) {
        self.store = store
        self.events = events
    }

    /// - Throws: why the event store still does not take them.
    public func retry(_ item: SetAsideItem) async throws {
        let events = try ExperimentEvent.decoded(item.entry.content ?? [])
        // The process may have died between the two steps.
        if let first = events.first, try await !self.events.hasAppended(from: first.id) {
            try await self.events.append(events)
        }
        _ = try await store.write { try SetAside.remove(item, in: $0) }
    }
}
