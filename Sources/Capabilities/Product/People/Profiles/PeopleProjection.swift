public import ControlStore
public import EventStore
import Logging
public import Projections
import Time

/// Keeps the profiles of persons and companies in step with the event log.
///
/// Identify events merge their properties, where null removes one and at most 500 are kept, and a size; every event with a user or
/// company id moves when that profile was first and last seen, and its figures (``Person``, ``Company``). Properties follow the order of the log, whatever times
/// the events carry.
public struct PeopleProjection: StoredProjection {
    public static let kind = SetAsideKind.people

    public let store: ControlStore
    private let rejections: IngestionRejections

    /// - Parameter rejections: where properties beyond the limits are counted, as `property_limit` and `profile_limit`.
    public init(store: ControlStore, rejections: IngestionRejections) {
        self.store = store
        self.rejections = rejections
    }

    public func apply(_ events: [CommittedEvents], _ step: ProjectionStep) async throws {
        let changes = ProfileChanges(events)
        let dropped = try await store.write { database in
            try step.take(Self.kind, in: database) {
                var writer = try ProfileWriter(database)
                try writer.write(changes)
                return writer.dropped
            }
        }
        for drop in dropped ?? [] { count(drop, at: changes.receivedAt) }
    }

    private func count(_ drop: ProfileWriter.DroppedProperties, at time: Timestamp) {
        let environmentID = drop.environmentID
        switch drop.limit {
        case .properties:
            rejections.record(
                environmentID: environmentID, reason: "property_limit", count: drop.count, at: time,
                detail: drop.detail)
        case .size:
            rejections.record(
                environmentID: environmentID, reason: "profile_limit", count: drop.count, at: time,
                detail: drop.detail)
        }
    }
}
