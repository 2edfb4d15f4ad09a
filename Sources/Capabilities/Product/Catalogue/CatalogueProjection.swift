public import ControlStore
public import EventStore
public import Projections
import Synchronization
import Time

/// Learns from the event log which events and features there are, and which properties users, companies and events
/// have.
///
/// Last-seen times are kept to the second. Names beyond 10,000 an environment, and longer than 255 characters, are not
/// learned and counted as `catalogue_limit`; their events are stored all the same.
public final class CatalogueProjection: StoredProjection {
    public static let kind = SetAsideKind.catalogue

    public let store: ControlStore
    private let rejections: IngestionRejections
    private let cache = Mutex(CatalogueCache())

    public init(store: ControlStore, rejections: IngestionRejections) {
        self.store = store
        self.rejections = rejections
    }

    public func apply(_ events: [CommittedEvents], _ step: ProjectionStep) async throws {
        let groups = EventGroups(events).groups
        let unlearned: [Int64: Int]?
        do {
            unlearned = try await store.write { database in
                try step.take(Self.kind, in: database) { try self.learn(groups, in: database) }
            }
        } catch {
            // What was learned in the transaction is gone with it.
            cache.withLock { $0 = CatalogueCache() }
            throw error
        }
        let receivedAt = events.last?.batch.receivedAt ?? Timestamp(microseconds: 0)
        for (environmentID, count) in unlearned ?? [:] {
            rejections.record(environmentID: environmentID, reason: "catalogue_limit", count: count, at: receivedAt)
        }
    }

    private func learn(
        _ groups: [EventGroups.Key: EventGroups.Group], in database: Database
    ) throws -> [Int64: Int] {
        try cache.withLock { cache in
            cache.removeAllIfFull()
            // Moved over rather than copied.
            var learner = CatalogueLearner(database, cache: cache)
            cache = CatalogueCache()
            for (key, group) in groups { try learner.learn(key, group) }
            cache = learner.cache
            return learner.unlearned
        }
    }
}
