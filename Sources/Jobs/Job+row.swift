import ControlStore
import GRDB
import JSON
import Time

extension Job {
    /// Reads a row of the `jobs` table.
    init(row: Row) throws {
        self.init(
            id: row["id"], kind: row["kind"], environmentID: row["environment_id"],
            state: JobState(rawValue: row["state"]) ?? .failed,
            payload: try JSONValue(parsing: row["payload"] as String),
            progress: try Self.document(row["progress"]), result: try Self.document(row["result"]),
            error: row["error"], failures: row["failures"], crashes: row["crashes"], runAt: row["run_at"],
            createdAt: row["created_at"], startedAt: row["started_at"], finishedAt: row["finished_at"])
    }

    private static func document(_ text: String?) throws -> JSONValue? {
        try text.map { try JSONValue(parsing: $0) }
    }
}
