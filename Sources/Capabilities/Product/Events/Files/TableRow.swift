import JSON
import Text

/// A row of a table (CSV, Parquet, Avro) as the JSON object that the same row would be in NDJSON: numbers where columns
/// are numeric, texts elsewhere, `metadata` read as JSON, empty cells absent.
enum TableRow {
    private static let numericColumns: Set<String> = ["screen_width", "screen_height"]
    private static let metadata = "metadata"

    /// The columns that are read; what others hold is nobody's fault.
    static let columns =
        [
            "event_type", "event_name", "user_id", "company_id", "company", "source", "inserted_at", "timestamp",
            "event_id",
            "client_event_id", "url", "hostname", "pathname", "referrer", "screen_width", "screen_height",
            "device_type",
            "user_agent", "operating_system", "browser", "browser_language", "session", "country_code", metadata,
        ] + ExportedRow.columns
    private static let columnNames = Set(columns.map { ClientText($0) })

    static func isColumn(_ name: String) -> Bool { columnNames.contains(ClientText(name)) }

    /// The object of cells of text.
    /// - Parameter columns: nil for those that are passed over.
    static func object(_ columns: [String?], _ cells: [[UInt8]]) -> Result<JSONNode, EventRejection> {
        var writer = JSONWriter()
        writer.beginObject()
        for (column, cell) in zip(columns, cells) where !cell.isEmpty {
            guard let column else { continue }
            guard let text = String(validating: cell, as: UTF8.self) else {
                return .failure(EventRejection(.malformed, field: column, "\(column) is not valid UTF-8."))
            }
            if let rejection = add(text, to: column, of: &writer) { return .failure(rejection) }
        }
        writer.endObject()
        return parsed(writer)
    }

    /// The object of values that are typed already.
    static func object(_ record: JSONNode) -> Result<JSONNode, EventRejection> {
        var writer = JSONWriter()
        writer.beginObject()
        for member in record.members {
            let (column, value) = (member.key, member.value)
            switch value.kind {
            case .null: break
            case .string:
                let text = value.string ?? ""
                if text.isEmpty { break }
                if let rejection = add(text, to: column, of: &writer) { return .failure(rejection) }
            case .array, .object:
                writer.key(column)
                writer.node(value)
            case .boolean, .integer, .unsigned, .double:
                if let rejection = add(value.rawText, to: column, of: &writer) { return .failure(rejection) }
            }
        }
        writer.endObject()
        return parsed(writer)
    }

    private static func add(_ text: String, to column: String, of writer: inout JSONWriter) -> EventRejection? {
        if column == metadata {
            guard let document = try? JSONDocument(parsing: text), document.root.kind == .object else {
                return EventRejection(.malformed, field: column, "metadata must be a JSON object in one cell.")
            }
            writer.key(column)
            writer.node(document.root)
        } else if numericColumns.contains(column), let number = wholeNumber(text) {
            writer.key(column)
            writer.integer(number)
        } else {
            writer.key(column)
            writer.string(text)
        }
        return nil
    }

    /// Programs that lack whole numbers with gaps write them as `1920.0`.
    private static func wholeNumber(_ text: String) -> Int64? {
        Int64(text) ?? (try? JSONDocument(parsing: text))?.root.int64
    }

    private static func parsed(_ writer: JSONWriter) -> Result<JSONNode, EventRejection> {
        do {
            return .success(try JSONDocument(parsing: writer.bytes).root)
        } catch {
            return .failure(EventRejection(.malformed, field: error.path, error.message))
        }
    }
}
