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
        let columns = (columnsBeforeMetadata + [(metadata, "metadata")] + Self.columnsAfterMetadata)
            .map { "\($0.expression) AS \($0.name)" }
        return select(columns.joined(separator: ", "), from: start, to: end)
    }

    /// The same rows, each as a line of JSON.
    ///
    /// The engine's own JSON writer reads `metadata` and writes it anew, with numbers as the doubles that they are near
    /// to. Here its text goes into the line as it came, but for line breaks, which JSON allows between values only.
    func lines(from start: Timestamp, to end: Timestamp) -> String {
        // Neither object is empty, and neither ends with an object of its own.
        let head = "rtrim(to_json(struct_pack(\(Self.members(columnsBeforeMetadata))))::VARCHAR, '}')"
        let tail = "ltrim(to_json(struct_pack(\(Self.members(Self.columnsAfterMetadata))))::VARCHAR, '{')"
        let text = """
            CASE WHEN contains(\(metadata), chr(10)) OR contains(\(metadata), chr(13)) \
            THEN translate(\(metadata), concat(chr(10), chr(13)), '  ') ELSE \(metadata) END
            """
        return select(#"concat(\#(head), ',"metadata":', \#(text), ',', \#(tail))"#, from: start, to: end)
    }

    private typealias ExportedColumn = (expression: String, name: String)

    private let metadata = "coalesce(properties::VARCHAR, '{}')"

    private var columnsBeforeMetadata: [ExportedColumn] {
        [
            ("'\(stream.appToken)'", "app_token"), ("event_type", "event_type"),
            ("coalesce(event_name, '')", "event_name"), ("source", "source"), ("coalesce(user_id, '')", "user_id"),
            ("coalesce(company_id, '')", "company_id"),
            ("strftime(occurred_at, '%Y-%m-%dT%H:%M:%S.%fZ')", "inserted_at"), ("hostname", "hostname"),
            ("pathname", "pathname"), ("screen_width", "screen_width"), ("screen_height", "screen_height"),
            ("operating_system", "operating_system"), ("browser", "browser"),
            ("browser_language", "browser_language"), ("user_agent", "user_agent"), ("device_type", "device_type"),
            ("country_code", "country_code"),
        ]
    }

    private static let columnsAfterMetadata: [ExportedColumn] = [
        ("session", "session"), ("internal_event_id::VARCHAR", "internal_event_id"), ("referrer", "referrer"),
        ("event_id::VARCHAR", "event_id"), ("client_event_id", "client_event_id"),
        ("strftime(received_at, '%Y-%m-%dT%H:%M:%S.%fZ')", "received_at"),
    ]

    private static func members(_ columns: [ExportedColumn]) -> String {
        columns.map { "\($0.name) := \($0.expression)" }.joined(separator: ", ")
    }

    private func select(_ selection: String, from start: Timestamp, to end: Timestamp) -> String {
        """
        SELECT \(selection) FROM \(EventTable.name) WHERE \(condition(from: start, to: end)) \
        ORDER BY occurred_at, events.event_id
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
