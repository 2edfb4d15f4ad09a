import ControlStore
import Time

/// The jobs of a kind that wait, inside a transaction. However many there are, each question is answered by a few searches
/// in an index for each of those who wait.
struct JobQueue {
    let kind: String
    let database: Database

    /// No job is put off for longer than to this time: one that is was queued while the clock was ahead, and is due.
    static func farthest(from now: Timestamp) -> Timestamp { now.adding(seconds: 86_400) }

    /// The accounts that have jobs waiting; 0 stands for the server.
    func accounts(short isShort: Bool) throws -> [Int64] {
        try database.values(
            Int64.self,
            sql: """
                WITH RECURSIVE waiting (id) AS (
                    SELECT min(account_id) FROM jobs WHERE kind = ?1 AND is_short = ?2 AND state = 'queued'
                    UNION ALL
                    SELECT (SELECT min(account_id) FROM jobs
                        WHERE kind = ?1 AND is_short = ?2 AND state = 'queued' AND account_id > waiting.id)
                    FROM waiting WHERE id IS NOT NULL
                )
                SELECT id FROM waiting WHERE id IS NOT NULL
                """,
            arguments: [kind, isShort])
    }

    /// The environments of an account that have jobs waiting.
    func environments(of account: Int64, short isShort: Bool) throws -> [Int64] {
        try database.values(
            Int64.self,
            sql: """
                WITH RECURSIVE waiting (id) AS (
                    SELECT min(environment_id) FROM jobs
                    WHERE kind = ?1 AND is_short = ?2 AND account_id = ?3 AND state = 'queued'
                    UNION ALL
                    SELECT (SELECT min(environment_id) FROM jobs
                        WHERE kind = ?1 AND is_short = ?2 AND account_id = ?3 AND state = 'queued'
                            AND environment_id > waiting.id)
                    FROM waiting WHERE id IS NOT NULL
                )
                SELECT id FROM waiting WHERE id IS NOT NULL
                """,
            arguments: [kind, isShort, account])
    }

    /// The oldest job of an environment that is due, or of none.
    func first(
        of account: Int64, environment: Int64?, short isShort: Bool, at now: Timestamp
    ) throws -> (id: String, sequence: Int64)? {
        // The sign keeps SQLite from looking at all that are due.
        try database.row(
            sql: """
                SELECT id, sequence FROM jobs
                WHERE kind = ? AND is_short = ? AND account_id = ? AND environment_id IS ? AND state = 'queued'
                    AND (+run_at <= ? OR +run_at > ?)
                ORDER BY sequence LIMIT 1
                """,
            arguments: [kind, isShort, account, environment, now, Self.farthest(from: now)]
        ).map { try ($0.read("id"), $0.read("sequence")) }
    }

    /// How many jobs of each account run.
    func running() throws -> [Int64: Int] {
        let rows = try database.rows(
            sql:
                "SELECT account_id, count(*) AS count FROM jobs WHERE kind = ? AND state = 'running' GROUP BY account_id",
            arguments: [kind])
        return try Dictionary(rows.map { try ($0.read("account_id"), $0.read("count")) }) {
            first, _ in first
        }
    }

    /// How many jobs of an account wait, counted up to a limit.
    func count(of account: Int64, upTo limit: Int) throws -> Int {
        try database.value(
            Int.self,
            sql: """
                SELECT count(*) FROM (
                    SELECT 1 FROM jobs
                    WHERE kind = ? AND is_short IN (0, 1) AND account_id = ? AND state = 'queued' LIMIT ?
                )
                """,
            arguments: [kind, account, limit]) ?? 0
    }
}
