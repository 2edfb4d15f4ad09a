import EventStore
import Text

extension ExportedColumn {
    /// The columns of the log of experiment events, in order, as files of a format have them.
    static func ofExperimentLog(_ format: ExportFormat) -> [ExportedColumn] {
        ExposureTable.shown.map { ExportedColumn($0, format) }
    }

    /// CSV is what people open in spreadsheets, and has no lists: they are JSON there.
    private init(_ column: ShownColumn, _ format: ExportFormat) {
        let name = column.storedName
        let (expression, avroType): (String, AvroFileWriter.FieldType) =
            switch column.storedType {
            case .timestamp: ("strftime(\(name), '%Y-%m-%dT%H:%M:%S.%fZ')", .string)
            case .uuid: ("\(name)::VARCHAR", .string)
            case .varchars, .bigints:
                (
                    format == .csv ? "to_json(\(name))::VARCHAR" : format == .avro ? "\(name)::VARCHAR[]" : name,
                    column.storedType == .bigints ? .integers : .strings
                )
            case .double: (name, .optionalDouble)
            case .bigint, .ubigint, .integer: (name, .optionalLong)
            case .varchar, .json: (format == .csv ? SpreadsheetGuard.sql(name) : name, .optionalString)
            }
        self.init(name: column.name, expression: expression, avroType: avroType)
    }

    /// The same column in a row of an experiment event, of rows in the form of events of products.
    var ofExperimentEvent: ExportedColumn {
        let expression =
            switch name {
            case "event_type": "event_type"
            case "user_id": "visitor_id"
            case "inserted_at": "strftime(stored.occurred_at, '%Y-%m-%dT%H:%M:%S.%fZ')"
            case "received_at": "strftime(stored.received_at, '%Y-%m-%dT%H:%M:%S.%fZ')"
            case "event_id": "exposure_id::VARCHAR"
            case "internal_event_id": "hash(exposure_id, experience_id)::VARCHAR"
            case "browser": "browser"
            case "country_code": "country"
            case "metadata": Self.metadata
            case _ where avroType == .optionalInteger: "NULL::INTEGER"
            case _ where avroType == .optionalString: "NULL::VARCHAR"
            default: "''"
            }
        let native: String? =
            switch name {
            case "inserted_at": Self.native(time: "stored.occurred_at")
            case "received_at": Self.native(time: "stored.received_at")
            case "metadata": Self.native(document: Self.metadata)
            default: nil
            }
        return ExportedColumn(
            name: name, expression: expression, nativeExpression: native, isObject: isObject, avroType: avroType)
    }

    /// What only events of experiments have, as an object.
    private static let metadata: String = {
        let names = [
            "experience_id", "variation_id", "goal_id", "revenue", "products_count", "transaction_id", "devices",
            "visitor_type", "campaign", "sources", "custom_segments",
        ]
        let members = names.map { "\($0) := \($0)" }.joined(separator: ", ")
        return "to_json(struct_pack(\(members)))::VARCHAR"
    }()
}
