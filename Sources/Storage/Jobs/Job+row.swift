import ControlStore
import GRDB
import JSON
import Time

extension Job {
    /// Reads a row of the `jobs` table. What of it cannot be read is null: one such job must not hide all others, and
    /// ``defect(of:)`` keeps it from being run.
    init(row: Row) {
        self.init(
            id: row["id"], kind: row["kind"], environmentID: row["environment_id"],
            state: JobState(rawValue: row["state"]) ?? .failed, payload: Self.document(row["payload"]) ?? .null,
            progress: Self.document(row["progress"]), result: Self.document(row["result"]), error: row["error"],
            failures: row["failures"], crashes: row["crashes"], runAt: row["run_at"], createdAt: row["created_at"],
            startedAt: row["started_at"], finishedAt: row["finished_at"],
            isShort: row["is_short"])
    }

    /// Why a row's job cannot be run; nil when it can.
    static func defect(of row: Row) -> String? {
        for column in ["payload", "progress"] {
            guard let text = row[column] as String? else { continue }
            do throws(JSONError) {
                _ = try JSONDocument(stored: text)
            } catch {
                return "The job's \(column) cannot be read: \(error)."
            }
        }
        return nil
    }

    private static func document(_ text: String?) -> JSONValue? {
        text.flatMap { try? JSONValue(stored: $0) }
    }
}
