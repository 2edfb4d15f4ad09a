public import ControlStore
public import EventStore

/// Has a projection apply an event that it set aside.
///
/// The event takes effect now, after all that came in since: of a profile's property, the value that it brings stays.
/// Whoever tries several again does so in the order of their ids.
public struct EventRetry: Sendable {
    private let log: EventStore
    private let projection: any StoredProjection

    public init(log: EventStore, projection: any StoredProjection) {
        self.log = log
        self.projection = projection
    }

    /// Applies the event; one that was deleted meanwhile is no longer set aside.
    /// - Throws: why the projection still cannot.
    public func retry(_ item: SetAsideItem) async throws {
        let identifier = EventIdentifier(item.entry.subject)
        if let identifier, let event = try await log.event(identifier) {
            return try await projection.apply([event], .again(identifier))
        }
        try await projection.store.write { database in
            _ = try SetAside.remove(item.entry.kind, item.entry.subject, in: database)
        }
    }
}
