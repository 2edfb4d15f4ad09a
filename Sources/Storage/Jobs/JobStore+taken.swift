import ControlStore
public import JSON
public import Time

/// A job that another one stands for.
public struct TakenJob: Sendable {
    /// Its own.
    public let id: String
    /// When it was asked for.
    public let createdAt: Timestamp
    /// What was kept of what it was to do.
    public let origin: JSONValue
    /// The job that does it.
    public let standIn: Job
}

extension JobStore {
    /// The job of an environment that another one has taken over, with that one; nil when there is none.
    public func standIn(for id: String, environmentID: Int64) async throws -> TakenJob? {
        try await store.read { database in
            try database.row(
                sql: """
                    SELECT jobs.*, taken.id AS taken_id, taken.created_at AS taken_created_at, taken.origin
                    FROM taken_jobs taken JOIN jobs ON jobs.id = taken.taken_by
                    WHERE taken.id = ? AND taken.environment_id = ?
                    """,
                arguments: [id, environmentID]
            ).map(TakenJob.init(row:))
        }
    }

    /// The jobs of a kind in the environment that others have taken over, newest first.
    public func taken(kind: String, environmentID: Int64, limit: Int = 1_000) async throws -> [TakenJob] {
        try await store.read { database in
            try database.rows(
                sql: """
                    SELECT jobs.*, taken.id AS taken_id, taken.created_at AS taken_created_at, taken.origin
                    FROM taken_jobs taken JOIN jobs ON jobs.id = taken.taken_by
                    WHERE taken.environment_id = ? AND taken.kind = ?
                    ORDER BY taken.sequence DESC LIMIT ?
                    """,
                arguments: [environmentID, kind, limit]
            ).readable("job", TakenJob.init(row:))
        }
    }
}

extension TakenJob {
    /// - Throws: `UnreadableColumn`.
    init(row: Row) throws {
        try self.init(
            id: row.read("taken_id"), createdAt: row.read("taken_created_at"),
            origin: (try? JSONValue(stored: row.read("origin", as: String.self))) ?? .null, standIn: Job(row: row))
    }
}
