import DuckDB

/// A table of the log: its name, and its columns in the order in which they are stored.
///
/// Only what a DuckDB file and a DuckLake both know: no indexes, keys, sequences or enums.
struct LogTable: Sendable {
    struct Column: Sendable, Equatable {
        let name: String
        let type: LogColumnType
    }

    /// Fully qualified; what shows the table's two halves as one.
    let name: String
    let columns: [Column]

    /// Makes the table where there is none, and adds the columns that a table of an earlier version lacks. It must run alone.
    /// - Throws: ``UnknownColumns`` for a table that is not of an earlier version; errors of the engine.
    func make(on connection: Connection) throws {
        try connection.transaction {
            // Logs of versions before 2026-12 have one table instead of two halves.
            if try isWhole(on: connection) {
                let half = LogHalf.first.of(name).split(separator: ".").last ?? ""
                try connection.execute("ALTER TABLE \(name) RENAME TO \(half)")
            }
            let definitions = columns.map(\.definition).joined(separator: ", ")
            for half in LogHalf.allCases {
                try connection.execute("CREATE TABLE IF NOT EXISTS \(half.of(name)) (\(definitions))")
            }
            let isOld = try LogHalf.allCases.map { try addMissingColumns(to: $0, on: connection) }.contains(true)
            // A view keeps the columns that there were when it was made.
            let halves = LogHalf.allCases.map { "FROM \($0.of(name))" }.joined(separator: " UNION ALL ")
            try connection.execute(
                isOld ? "CREATE OR REPLACE VIEW \(name) AS \(halves)" : "CREATE VIEW IF NOT EXISTS \(name) AS \(halves)"
            )
        }
    }

    /// - Returns: whether there were any.
    private func addMissingColumns(to half: LogHalf, on connection: Connection) throws -> Bool {
        let rows = try connection.query(
            """
            SELECT column_name FROM duckdb_columns()
            WHERE database_name || '.' || schema_name || '.' || table_name = $1 ORDER BY column_index
            """, [.string(half.of(name))])
        let present = try rows.map { chunk, row in try chunk.string(0, row) ?? "" }
        // Rows are written by the places of the columns.
        guard columns.map(\.name).starts(with: present) else { throw UnknownColumns(table: name, columns: present) }
        for column in columns[present.count...] {
            try connection.execute("ALTER TABLE \(half.of(name)) ADD COLUMN \(column.definition)")
        }
        return present.count < columns.count
    }

    private func isWhole(on connection: Connection) throws -> Bool {
        let rows = try connection.query(
            "SELECT 1 FROM duckdb_tables() WHERE database_name || '.' || schema_name || '.' || table_name = $1",
            [.string(name)])
        defer { rows.close() }
        return (try rows.next()?.count ?? 0) > 0
    }
}

extension LogTable.Column {
    /// As in a statement that makes a table.
    var definition: String { "\(name) \(type.rawValue)" }
}

/// A table of the log has other columns than any version up to this one has made.
struct UnknownColumns: Error, CustomStringConvertible {
    let table: String
    let columns: [String]

    var description: String {
        "\(table) has the columns \(columns.joined(separator: ", ")), which this version does not write: "
            + "a newer one may have made them."
    }
}
