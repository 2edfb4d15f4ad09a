import ControlStore
import JSON
import Time

extension Job {
    /// Reads a row of the `jobs` table. What of its documents cannot be read is null: one such job must not hide all
    /// others, and ``defect(of:)`` keeps it from being run.
    /// - Throws: `UnreadableColumn` for anything else.
    init(row: Row) throws {
        try self.init(
            id: row.read("id"), kind: row.read("kind"), environmentID: row.read("environment_id"),
            state: JobState(rawValue: row.read("state")) ?? .failed,
            payload: Self.document("payload", of: row) ?? .null,
            progress: Self.document("progress", of: row), result: Self.document("result", of: row),
            error: row.read("error"), failures: row.read("failures"), crashes: row.read("crashes"),
            runAt: row.read("run_at"), createdAt: row.read("created_at"), startedAt: row.read("started_at"),
            finishedAt: row.read("finished_at"), isShort: row.read("is_short"))
    }

    /// Why a row's job cannot be run; nil when it can.
    static func defect(of row: Row) -> String? {
        do {
            _ = try Job(row: row)
        } catch {
            return "The job cannot be read: \(error)."
        }
        for column in ["payload", "progress"] {
            do {
                guard let text = try row.read(column, as: String?.self) else { continue }
                _ = try JSONDocument(stored: text)
            } catch {
                return "The job's \(column) cannot be read: \(error)."
            }
        }
        return nil
    }

    private static func document(_ column: String, of row: Row) -> JSONValue? {
        (try? row.read(column, as: String.self)).flatMap { try? JSONValue(stored: $0) }
    }
}
