public import ControlStore
public import EventStore
public import Projections
import Text
import Time

/// Counts the uses of features, and who used them, from `track_feature` events. A tag that is new becomes a feature.
public struct FeatureProjection: StoredProjection {
    public static let kind = SetAsideKind.features

    public let store: ControlStore

    public init(store: ControlStore) {
        self.store = store
    }

    private struct Tag: Hashable {
        let environmentID: Int64
        let tag: ClientText
    }

    private struct Uses {
        var count = 0
        var byUser: [ClientText: Int] = [:]
        /// When the first of them was received.
        var receivedAt: Int64
    }

    public func apply(_ events: [CommittedEvents], _ step: ProjectionStep) async throws {
        let uses = Self.uses(in: events)
        try await store.write { database in
            _ = try step.take(Self.kind, in: database) { try Self.count(uses, in: database) }
        }
    }

    /// Counts the uses among some events.
    static func count(_ events: [CommittedEvents], in database: Database) throws {
        try count(uses(in: events), in: database)
    }

    private static func uses(in events: [CommittedEvents]) -> [Tag: Uses] {
        var uses: [Tag: Uses] = [:]
        for committed in events {
            for index in committed.indices {
                let event = committed.batch[index]
                guard event.type == .trackFeature, let tag = event[.eventName], !tag.isEmpty else { continue }
                let key = Tag(environmentID: event.environmentID, tag: ClientText(tag))
                uses[key, default: Uses(receivedAt: event.receivedAt.microseconds)].count += 1
                if let user = event[.userID], !user.isEmpty { uses[key]?.byUser[ClientText(user), default: 0] += 1 }
            }
        }
        return uses
    }

    private static func count(_ uses: [Tag: Uses], in database: Database) throws {
        var room = Room(database: database)
        for (key, uses) in uses { try count(uses, of: key, &room, in: database) }
    }

    /// How many features environments may still get, each counted once.
    private struct Room {
        let database: Database
        private var left: [Int64: Int] = [:]

        init(database: Database) { self.database = database }

        mutating func take(_ environmentID: Int64) throws -> Bool {
            let left = try self.left[environmentID] ?? count(environmentID)
            self.left[environmentID] = left - 1
            return left > 0
        }

        private func count(_ environmentID: Int64) throws -> Int {
            let count = try database.value(
                Int.self, sql: "SELECT count(*) FROM tracked_features WHERE environment_id = ?",
                arguments: [environmentID])
            return FeatureStore.maximumCount - (count ?? 0)
        }
    }

    private static func count(_ uses: Uses, of key: Tag, _ room: inout Room, in database: Database) throws {
        guard try database.hasEnvironment(key.environmentID) else { return }
        let (environmentID, tag) = (key.environmentID, key.tag.string)
        // Of tags that are no feature nothing is kept.
        guard try learn(tag, environmentID, at: uses.receivedAt, &room, in: database) else { return }
        var newUsers = 0
        for (user, count) in uses.byUser {
            let known = try database.execute(
                sql: """
                    UPDATE feature_users SET event_count = event_count + ?
                    WHERE environment_id = ? AND user_id = ? AND tag = ?
                    """,
                arguments: [count, environmentID, user.string, tag])
            guard known == 0 else { continue }
            newUsers += 1
            try database.execute(
                sql: "INSERT INTO feature_users (environment_id, user_id, tag, event_count) VALUES (?, ?, ?, ?)",
                arguments: [environmentID, user.string, tag, count])
        }
        try database.execute(
            sql: """
                INSERT INTO feature_figures (environment_id, tag, event_count, user_count) VALUES (?1, ?2, ?3, ?4)
                ON CONFLICT (environment_id, tag) DO UPDATE SET
                    event_count = event_count + ?3, user_count = user_count + ?4
                """,
            arguments: [environmentID, tag, uses.count, newUsers])
    }

    /// - Returns: whether the tag is a feature.
    private static func learn(
        _ tag: String, _ environmentID: Int64, at time: Int64, _ room: inout Room, in database: Database
    ) throws -> Bool {
        let isKnown = try database.value(
            Bool.self, sql: "SELECT EXISTS (SELECT 1 FROM tracked_features WHERE environment_id = ? AND tag = ?)",
            arguments: [environmentID, tag])
        if isKnown == true { return true }
        guard try room.take(environmentID) else { return false }
        try database.execute(
            sql: """
                INSERT INTO tracked_features (environment_id, tag, name, kind, created_at, updated_at)
                VALUES (?, ?, ?, 'feature', ?, ?)
                """,
            arguments: [environmentID, tag, tag, time, time])
        return true
    }
}
