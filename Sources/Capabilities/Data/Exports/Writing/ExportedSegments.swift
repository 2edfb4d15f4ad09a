import DuckDB
import EventStore

/// What visitors must have been at an event, for it to be exported. The texts go into a temporary table of the export's own
/// connection, so that no text from a client ever becomes part of a statement.
struct ExportedSegments: Sendable {
    /// By the column: what it must hold, or what of its list.
    private let texts: [(column: String, values: [String], isList: Bool)]
    private let customSegments: [Int64]

    init(_ segments: ExperimentSegments) {
        texts = [
            ("browser", segments.browsers, false), ("country", segments.countries, false),
            ("visitor_type", segments.visitorTypes, false), ("campaign", segments.campaigns, false),
            ("devices", segments.devices, true), ("sources", segments.sources, true),
        ].filter { !$0.values.isEmpty }
        customSegments = segments.customSegments
    }

    /// Terms in SQL over the log of experiment events.
    var conditions: [String] {
        let own = texts.map { column, _, isList in
            let values = "SELECT value FROM temp.export_segments WHERE name = '\(column)'"
            return isList
                ? "list_has_any(stored.\(column), (SELECT list(value) FROM (\(values))))"
                : "stored.\(column) IN (\(values))"
        }
        guard !customSegments.isEmpty else { return own }
        let ids = customSegments.map(String.init).joined(separator: ", ")
        return own + ["list_has_any(stored.custom_segments, [\(ids)]::BIGINT[])"]
    }

    /// Fills the temporary table.
    func load(on connection: Connection) throws {
        try connection.execute("CREATE OR REPLACE TEMP TABLE export_segments (name VARCHAR, value VARCHAR)")
        let appender = try Appender(connection, catalog: "temp", schema: "main", table: "export_segments")
        for (column, values, _) in texts {
            for value in values { try appender.append(row: [.string(column), .string(value)]) }
        }
        try appender.flush()
    }
}
