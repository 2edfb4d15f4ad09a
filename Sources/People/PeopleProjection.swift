public import ControlStore
public import EventStore
import GRDB
import Logging
import Time

/// Keeps the profiles of persons and companies in step with the event log.
///
/// Identify events merge their properties, where null removes one and at most 500 are kept; every event with a user or
/// company id moves when that profile was first and last seen. Properties follow the order of the log, whatever times
/// the events carry.
public struct PeopleProjection: EventProjection {
    private let store: ControlStore
    private let rejections: IngestionRejections

    /// The name its position is stored under.
    static let name = "people"

    /// - Parameter rejections: where properties beyond the limit are counted, as `property_limit`.
    public init(store: ControlStore, rejections: IngestionRejections) {
        self.store = store
        self.rejections = rejections
    }

    public func position() async throws -> EventIdentifier? {
        try await store.database.read { try ProjectionPosition.read(Self.name, from: $0) }
            .flatMap { EventIdentifier($0) }
    }

    public func apply(_ events: [CommittedEvents], movingTo position: EventIdentifier) async throws {
        let changes = ProfileChanges(events)
        let dropped = try await store.database.write { database in
            // A position that was already passed means that these events have had their effect.
            if let stored = try ProjectionPosition.read(Self.name, from: database).flatMap({ EventIdentifier($0) }),
                stored >= position
            {
                return [ProfileWriter.DroppedProperties]()
            }
            var writer = try ProfileWriter(database)
            for (subject, change) in changes.persons { try writer.writePerson(subject, change) }
            for (subject, change) in changes.companies { try writer.writeCompany(subject, change) }
            try ProjectionPosition.move(Self.name, to: position.description, in: database)
            return writer.dropped
        }
        for drop in dropped {
            rejections.record(
                environmentID: drop.environmentID, reason: "property_limit", count: drop.count, at: changes.receivedAt,
                detail: drop.detail)
        }
    }
}
