package import DuckDB

/// The event table's columns, in storage order, and how it is made.
///
/// Only what a DuckDB file and a DuckLake both know: no indexes, keys, sequences or enums.
public enum EventTable {
    /// Fully qualified name, for reading: the catalog is attached as `lake`, whatever it is behind. See ``LogHalf`` for what
    /// is written.
    public static let name = "lake.main.events"

    struct Column {
        let name: String
        let type: String
    }

    /// Where the columns of `EventField` begin.
    package static var firstTextColumn: Int { fixedColumns.count }

    static let fixedColumns = [
        Column(name: "environment_id", type: "BIGINT"),
        Column(name: "project_id", type: "BIGINT"),
        Column(name: "event_id", type: "UUID"),
        Column(name: "internal_event_id", type: "UBIGINT"),
        Column(name: "event_type", type: "VARCHAR"),
        Column(name: "source", type: "VARCHAR"),
        Column(name: "surface", type: "VARCHAR"),
        Column(name: "occurred_at", type: "TIMESTAMP"),
        Column(name: "received_at", type: "TIMESTAMP"),
        Column(name: "screen_width", type: "INTEGER"),
        Column(name: "screen_height", type: "INTEGER"),
    ]

    static let columns: [Column] =
        fixedColumns
        + EventField.allCases.map { Column(name: $0.column, type: $0 == .properties ? "JSON" : "VARCHAR") }

    /// Makes the table where there is none.
    package static func make(on connection: Connection) throws {
        let definitions = columns.map { "\($0.name) \($0.type)" }.joined(separator: ", ")
        try LogHalf.make(name, definitions, on: connection)
    }
}
