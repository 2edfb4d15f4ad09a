import DuckDB
package import EventStore
import Time

/// The statements that select an export's rows. Texts from clients never become part of a statement: they lie in
/// temporary tables, see `ExportFilters`.
package struct ExportQuery {
    let stream: EventStream
    let request: ExportRequest
    /// The export holds what was committed up to this event: a later retry writes the same files.
    let snapshot: EventIdentifier
    /// Which temporary tables hold filters.
    let filters: ExportFilters.Present

    /// The rows of a span of time, in time order, with the columns of the vendor's export documentation followed by
    /// those that only Sextant has.
    func rows(from start: Timestamp, to end: Timestamp) -> String {
        let properties =
            request.format.writesPropertiesAsJSON
            ? "coalesce(properties, '{}'::JSON)" : "coalesce(properties, '{}')::VARCHAR"
        return """
            SELECT '\(stream.appToken)' AS app_token, event_type, coalesce(event_name, '') AS event_name, source, \
            coalesce(user_id, '') AS user_id, coalesce(company_id, '') AS company_id, \
            strftime(occurred_at, '%Y-%m-%dT%H:%M:%S.%fZ') AS inserted_at, hostname, pathname, screen_width, \
            screen_height, operating_system, browser, browser_language, user_agent, device_type, country_code, \
            \(properties) AS metadata, session, internal_event_id::VARCHAR AS internal_event_id, referrer, \
            event_id::VARCHAR AS event_id, client_event_id, \
            strftime(received_at, '%Y-%m-%dT%H:%M:%S.%fZ') AS received_at \
            FROM \(EventTable.name) WHERE \(condition(from: start, to: end)) ORDER BY occurred_at, events.event_id
            """
    }

    /// The statement that copies a whole request's rows to one file, as the engine alone would: a yardstick.
    package static func copyStatement(_ request: ExportRequest, stream: EventStream, to path: String) -> String {
        let query = ExportQuery(
            stream: stream, request: request, snapshot: EventIdentifier(value: .max), filters: ExportFilters.Present())
        return query.copyStatement(from: request.from.start, to: request.to.adding(days: 1).start, path: path)
    }

    /// Writes the rows of a span of time to a file.
    /// - Returns: how many there were.
    func write(from start: Timestamp, to end: Timestamp, path: String, on connection: Connection) throws -> Int {
        if request.format == .avro {
            let rows = try connection.query(rows(from: start, to: end))
            return try AvroFileWriter.write(rows, fields: Self.avroFields(of: rows.columns), to: path)
        } else {
            return try connection.execute(copyStatement(from: start, to: end, path: path), [])
        }
    }

    private static let columnsThatAreNeverNull: Set<String> = [
        "app_token", "event_type", "event_name", "source", "user_id", "company_id", "inserted_at", "metadata",
        "internal_event_id", "event_id", "received_at",
    ]

    private static func avroFields(of columns: [Column]) -> [AvroFileWriter.Field] {
        columns.map { column in
            if column.type == .integer { return AvroFileWriter.Field(name: column.name, type: .optionalInteger) }
            let type: AvroFileWriter.FieldType =
                columnsThatAreNeverNull.contains(column.name) ? .string : .optionalString
            return AvroFileWriter.Field(name: column.name, type: type)
        }
    }

    /// The statement that writes the rows of a span of time to a file.
    func copyStatement(from start: Timestamp, to end: Timestamp, path: String) -> String {
        "COPY (\(rows(from: start, to: end))) TO '\(path.replacing("'", with: "''"))' (\(request.format.copyOptions))"
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
            "events.event_id <= '\(snapshot)'::UUID", "event_type IN (\(types))",
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
