import ControlStore

extension FeatureStore {
    /// Takes what users did off the counts, and forgets who they are.
    public func remove(users userIDs: [String], environmentID: Int64) async throws {
        try await store.write { database in
            for userID in userIDs {
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
        }
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
