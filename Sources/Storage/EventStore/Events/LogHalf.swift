import DuckDB
import Foundation

/// One of the two tables behind each table of the log. While the engine folds a table into its file nobody can append to
/// it, so the log is written to one half while the other one is folded; readers see both as one.
package enum LogHalf: Int, CaseIterable, Sendable {
    case first = 1
    case second = 2

    /// The other one.
    var other: LogHalf { self == .first ? .second : .first }

    /// The half of a table.
    package func of(_ table: String) -> String { "\(table)_\(rawValue)" }

    /// Makes both halves of a table that is not there, and what shows them as one.
    /// - Parameters:
    ///   - table: fully qualified name.
    ///   - columns: in SQL.
    static func make(_ table: String, _ columns: String, on connection: Connection) throws {
        try connection.transaction {
            // Logs of versions before 2026-12 have but one.
            if try isWhole(table, on: connection) {
                let name = first.of(table).split(separator: ".").last ?? ""
                try connection.execute("ALTER TABLE \(table) RENAME TO \(name)")
            }
            for half in allCases { try connection.execute("CREATE TABLE IF NOT EXISTS \(half.of(table)) (\(columns))") }
            let halves = allCases.map { "FROM \($0.of(table))" }.joined(separator: " UNION ALL ")
            try connection.execute("CREATE VIEW IF NOT EXISTS \(table) AS \(halves)")
        }
    }

    private static func isWhole(_ table: String, on connection: Connection) throws -> Bool {
        let rows = try connection.query(
            "SELECT 1 FROM duckdb_tables() WHERE database_name || '.' || schema_name || '.' || table_name = $1",
            [.string(table)])
        defer { rows.close() }
        return (try rows.next()?.count ?? 0) > 0
    }
}

/// Which half of the log is written.
final class WrittenHalf: @unchecked Sendable {
    private let condition = NSCondition()
    private var half = LogHalf.first
    private var writers: [LogHalf: Int] = [:]

    /// Runs a body that writes to the half and commits.
    func use<Result>(_ body: (LogHalf) throws -> Result) rethrows -> Result {
        condition.lock()
        let half = half
        writers[half, default: 0] += 1
        condition.unlock()
        defer {
            condition.lock()
            writers[half, default: 1] -= 1
            condition.broadcast()
            condition.unlock()
        }
        return try body(half)
    }

    /// From now on the other half is written. Blocks until what is being written to the one before is committed.
    func turn() {
        condition.lock()
        defer { condition.unlock() }
        let before = half
        half = before.other
        while writers[before, default: 0] > 0 { condition.wait() }
    }
}
