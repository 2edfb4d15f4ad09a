import DuckDB
package import EventStore
import Time

/// The statements that select an export's rows. Texts from clients never become part of a statement: they lie in
/// temporary tables, see `ExportFilters` and `ExportedSegments`.
package struct ExportQuery: Sendable {
    /// Where rows come from, all in the same columns; at least one.
    let parts: [ExportedRows]
    let format: ExportFormat

    /// The rows of a span of time, in time order.
    func rows(from start: Timestamp, to end: Timestamp) -> String {
        select(from: start, to: end) { columns in columns.map { ($0.expression, $0.name) } }
    }

    /// The same rows, each as a line of JSON.
    func lines(from start: Timestamp, to end: Timestamp) -> String {
        select(from: start, to: end) { [(Self.line($0), "line")] }
    }

    private static func line(_ columns: [ExportedColumn]) -> String {
        var parts: [String] = []
        var plain: [ExportedColumn] = []
        for column in columns {
            guard column.isObject else {
                plain.append(column)
                continue
            }
            if !plain.isEmpty { parts.append(ExportedColumn.members(plain)) }
            plain = []
            parts.append(column.objectMember)
        }
        if !plain.isEmpty { parts.append(ExportedColumn.members(plain)) }
        return "concat('{', \(parts.joined(separator: ", ',', ")), '}')"
    }

    private func select(
        from start: Timestamp, to end: Timestamp,
        _ selection: ([ExportedColumn]) -> [(expression: String, name: String)]
    ) -> String {
        let selects = parts.map { part -> (columns: String, rest: String) in
            let columns = selection(part.columns).map { "\($0.expression) AS \($0.name)" }.joined(separator: ", ")
            return (columns, "FROM \(part.table) AS stored WHERE \(Self.condition(part, from: start, to: end))")
        }
        if let part = parts.first, let select = selects.first, parts.count == 1 {
            return "SELECT \(select.columns) \(select.rest) ORDER BY stored.occurred_at, stored.\(part.idColumn)"
        }
        let all = zip(parts, selects).map { part, select in
            "SELECT \(select.columns), stored.occurred_at AS sorted_time, stored.\(part.idColumn) AS sorted_id \(select.rest)"
        }
        return """
            SELECT * EXCLUDE (sorted_time, sorted_id) FROM (\(all.joined(separator: " UNION ALL "))) \
            ORDER BY sorted_time, sorted_id
            """
    }

    /// The statement that copies a whole request's rows to one file, as the engine alone would: a yardstick.
    package static func copyStatement(_ request: ExportRequest, stream: EventStream, to path: String) -> String {
        let rows = ExportedRows.events(request, of: stream, upTo: .end, ExportFilters.Present())
        return ExportQuery(parts: [rows], format: request.format)
            .copyStatement(from: request.from.start, to: request.to.adding(days: 1).start, path: path)
    }

    /// Writes the rows of a span of time to a file.
    /// - Returns: how many there were.
    func write(from start: Timestamp, to end: Timestamp, path: String, on connection: Connection) throws -> Int {
        if format == .avro {
            let rows = try connection.query(rows(from: start, to: end))
            let fields = (parts.first?.columns ?? []).map { AvroFileWriter.Field(name: $0.name, type: $0.avroType) }
            return try AvroFileWriter.write(rows, fields: fields, to: path)
        } else {
            return try connection.execute(copyStatement(from: start, to: end, path: path), [])
        }
    }

    /// The statement that writes the rows of a span of time to a file.
    func copyStatement(from start: Timestamp, to end: Timestamp, path: String) -> String {
        let query = format.isLines ? lines(from: start, to: end) : rows(from: start, to: end)
        return "COPY (\(query)) TO '\(path.replacing("'", with: "''"))' (\(format.copyOptions))"
    }

    /// The Mondays of the weeks that have rows in a span of time, so that no empty file is written.
    func mondays(from start: Timestamp, to end: Timestamp, on connection: Connection) throws -> Set<String> {
        var found: Set<String> = []
        for part in parts {
            let rows = try connection.query(
                """
                SELECT DISTINCT CAST(date_trunc('week', stored.occurred_at) AS DATE)::VARCHAR FROM \(part.table) AS stored \
                WHERE \(Self.condition(part, from: start, to: end))
                """)
            found.formUnion(try rows.map { chunk, row in try chunk.string(0, row) ?? "" })
        }
        return found
    }

    /// The days of the first and the last row; nil when there are none.
    func days(on connection: Connection) throws -> ClosedRange<CalendarDate>? {
        var times: [Timestamp] = []
        for part in parts {
            let rows = try connection.query(
                """
                SELECT min(stored.occurred_at), max(stored.occurred_at) FROM \(part.table) AS stored \
                WHERE \(part.conditions.joined(separator: " AND "))
                """)
            defer { rows.close() }
            guard let chunk = try rows.next(), let first = try chunk.timestamp(0, 0),
                let last = try chunk.timestamp(1, 0)
            else { continue }
            times += [Timestamp(microseconds: first), Timestamp(microseconds: last)]
        }
        guard let first = times.min(), let last = times.max() else { return nil }
        return CalendarDate(first)...CalendarDate(last)
    }

    private static func condition(_ part: ExportedRows, from start: Timestamp, to end: Timestamp) -> String {
        (part.conditions + ["stored.occurred_at >= \(literal(start))", "stored.occurred_at < \(literal(end))"])
            .joined(separator: " AND ")
    }

    static func literal(_ time: Timestamp) -> String {
        "make_timestamp(\(time.microseconds))"
    }
}
