import DuckDB
package import EventStore
import Time

/// The statements that select an export's rows. Texts from clients never become part of a statement: they lie in
/// temporary tables, see `ExportFilters`.
package struct ExportQuery {
    let stream: EventStream
    let request: ExportRequest
    /// The export holds what was committed up to there: a later retry writes the same files.
    let snapshot: LogPosition
    /// Which temporary tables hold filters.
    let filters: ExportFilters.Present

    /// The rows of a span of time, in time order, with the columns of the vendor's export documentation followed by
    /// those that only Sextant has.
    func rows(from start: Timestamp, to end: Timestamp) -> String {
        select(columns.map { "\($0.expression) AS \($0.name)" }.joined(separator: ", "), from: start, to: end)
    }

    /// The same rows, each as a line of JSON.
    func lines(from start: Timestamp, to end: Timestamp) -> String {
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
        return select("concat('{', \(parts.joined(separator: ", ',', ")), '}')", from: start, to: end)
    }

    private var columns: [ExportedColumn] { [.appToken(stream.appToken)] + ExportedColumn.ofLog }

    private func select(_ selection: String, from start: Timestamp, to end: Timestamp) -> String {
        """
        SELECT \(selection) FROM \(EventTable.name) WHERE \(condition(from: start, to: end)) \
        ORDER BY occurred_at, events.event_id
        """
    }

    /// The statement that copies a whole request's rows to one file, as the engine alone would: a yardstick.
    package static func copyStatement(_ request: ExportRequest, stream: EventStream, to path: String) -> String {
        let query = ExportQuery(
            stream: stream, request: request, snapshot: .end, filters: ExportFilters.Present())
        return query.copyStatement(from: request.from.start, to: request.to.adding(days: 1).start, path: path)
    }

    /// Writes the rows of a span of time to a file.
    /// - Returns: how many there were.
    func write(from start: Timestamp, to end: Timestamp, path: String, on connection: Connection) throws -> Int {
        if request.format == .avro {
            let rows = try connection.query(rows(from: start, to: end))
            let fields = columns.map { AvroFileWriter.Field(name: $0.name, type: $0.avroType) }
            return try AvroFileWriter.write(rows, fields: fields, to: path)
        } else {
            return try connection.execute(copyStatement(from: start, to: end, path: path), [])
        }
    }

    /// The statement that writes the rows of a span of time to a file.
    func copyStatement(from start: Timestamp, to end: Timestamp, path: String) -> String {
        let query = request.format.isLines ? lines(from: start, to: end) : rows(from: start, to: end)
        return "COPY (\(query)) TO '\(path.replacing("'", with: "''"))' (\(request.format.copyOptions))"
    }

    /// The Mondays of the weeks that have rows in the whole span, so that no empty file is written.
    func mondays(from start: Timestamp, to end: Timestamp) -> String {
        """
        SELECT DISTINCT CAST(date_trunc('week', occurred_at) AS DATE)::VARCHAR FROM \(EventTable.name) \
        WHERE \(condition(from: start, to: end))
        """
    }

    private func condition(from start: Timestamp, to end: Timestamp) -> String {
        let types = request.eventTypes.map { "'\($0.name)'" }.joined(separator: ", ")
        var terms = [
            "environment_id = \(stream.environmentID)",
            "occurred_at >= \(Self.literal(start))", "occurred_at < \(Self.literal(end))",
            snapshot.rowCondition, "event_type IN (\(types))",
        ]
        if filters.users { terms.append("user_id IN (SELECT id FROM temp.export_users)") }
        if filters.companies { terms.append("company_id IN (SELECT id FROM temp.export_companies)") }
        if filters.segment { terms.append("user_id IN (SELECT id FROM temp.export_segment)") }
        if filters.excludedUsers {
            terms.append("(user_id IS NULL OR user_id NOT IN (SELECT id FROM temp.export_excluded_users))")
        }
        if filters.excludedCompanies {
            terms.append("(company_id IS NULL OR company_id NOT IN (SELECT id FROM temp.export_excluded_companies))")
        }
        return terms.joined(separator: " AND ")
    }

    private static func literal(_ time: Timestamp) -> String {
        "make_timestamp(\(time.microseconds))"
    }
}
