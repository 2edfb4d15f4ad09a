import ControlStore
public import EventStore

extension FeatureStore {
    /// Takes what users did off the counts, and forgets who they are.
    /// - Parameter later: their events that stay: these are counted still.
    /// - Returns: false, and nothing is done, when the counts know more events than these.
    public func remove(users userIDs: [String], environmentID: Int64, keeping later: SubjectEvents) async throws -> Bool
    {
        try await store.write { database in
            let position = try ProjectionPosition.read(FeatureProjection.kind.rawValue, from: database)
                .flatMap { LogPosition(stored: $0) }
            if let position, position > later.end { return false }
            for userID in userIDs { try Self.remove(userID, environmentID, in: database) }
            // What the projection has not taken in will still come to it.
            if let position { try FeatureProjection.count([later.events(upTo: position)], in: database) }
            return true
        }
    }

    private static func remove(_ userID: String, _ environmentID: Int64, in database: Database) throws {
        try database.execute(
            sql: """
                UPDATE feature_figures SET user_count = max(user_count - 1, 0),
                    event_count = max(event_count - (
                        SELECT event_count FROM feature_users u
                        WHERE u.environment_id = ?1 AND u.user_id = ?2 AND u.tag = feature_figures.tag), 0)
                WHERE environment_id = ?1 AND tag IN (
                    SELECT tag FROM feature_users WHERE environment_id = ?1 AND user_id = ?2)
                """,
            arguments: [environmentID, userID])
        try database.execute(
            sql: "DELETE FROM feature_users WHERE environment_id = ? AND user_id = ?",
            arguments: [environmentID, userID])
    }

    /// Rows of an environment that is no more that one transaction removes.
    private static let removedAtOnce = 5_000

    /// Removes all counts of an environment that is no more, piece by piece.
    public func deleteAll(environmentID: Int64) async throws {
        matcher.forget(environmentID)
        while true {
            let count = try await store.write { database in
                try database.execute(
                    sql: """
                        DELETE FROM feature_users WHERE environment_id = ?1 AND (user_id, tag) IN (
                            SELECT user_id, tag FROM feature_users WHERE environment_id = ?1 LIMIT ?2)
                        """,
                    arguments: [environmentID, Self.removedAtOnce])
            }
            if count == 0 { break }
        }
        try await store.write { database in
            try database.execute(
                sql: "DELETE FROM feature_figures WHERE environment_id = ?", arguments: [environmentID])
        }
    }
}
