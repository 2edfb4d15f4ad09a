import EventStore

/// A column of an exported row.
struct ExportedColumn: Sendable {
    let name: String
    /// What it is made of, in SQL over the log.
    let expression: String
    /// The same with the value's own type; nil for what is a text or a number anyway.
    let nativeExpression: String?
    /// Whether it is the text of a JSON object.
    let isObject: Bool
    let avroType: AvroFileWriter.FieldType

    /// The columns of the log that exports have, in order.
    static let ofLog = EventTable.shown.compactMap(ExportedColumn.init)

    /// The public token of the environment, in every row.
    static func appToken(_ token: String) -> ExportedColumn {
        ExportedColumn(name: "app_token", expression: "'\(token)'", isObject: false, avroType: .string)
    }

    init(
        name: String, expression: String, nativeExpression: String? = nil, isObject: Bool = false,
        avroType: AvroFileWriter.FieldType
    ) {
        self.name = name
        self.expression = expression
        self.nativeExpression = nativeExpression
        self.isObject = isObject
        self.avroType = avroType
    }

    /// - Returns: nil for a column that exports do not have.
    private init?(_ column: ShownColumn) {
        if column.exports == .never { return nil }
        name = column.name
        isObject = column.storedType == .json
        let stored = column.storedName
        expression =
            switch column.storedType {
            case .timestamp: "strftime(\(stored), '%Y-%m-%dT%H:%M:%S.%fZ')"
            case .uuid, .ubigint: "\(stored)::VARCHAR"
            case .json: "coalesce(\(stored)::VARCHAR, '{}')"
            default: column.exports == .orEmpty ? "coalesce(\(stored), '')" : stored
            }
        nativeExpression =
            switch column.storedType {
            case .timestamp: Self.native(time: stored)
            case .json: Self.native(document: stored)
            default: nil
            }
        avroType =
            switch (column.storedType, column.exports) {
            case (.integer, _): .optionalInteger
            case (_, .orNull): .optionalString
            default: .string
            }
    }

    /// The column with the value's own type.
    var withNativeType: ExportedColumn {
        ExportedColumn(
            name: name, expression: nativeExpression ?? expression, isObject: isObject, avroType: avroType)
    }

    /// A time of the log, which is UTC, as one that says so. By its microseconds, since a cast goes by the zone of whoever
    /// runs it.
    static func native(time: String) -> String { "make_timestamptz(epoch_us(\(time)))" }

    /// The text of a document as JSON, which keeps it to the letter.
    static func native(document: String) -> String { "coalesce(\(document)::JSON, '{}'::JSON)" }

    /// The column's member in a line of JSON: an expression that gives text, such as `"metadata":{"a":1}`.
    ///
    /// The engine's own JSON writer reads an object and writes it anew, with numbers as the doubles that they are near
    /// to. Here its text goes into the line as it came, but for line breaks, which JSON allows between values only.
    var objectMember: String {
        """
        '"\(name)":', CASE WHEN contains(\(expression), chr(10)) OR contains(\(expression), chr(13)) \
        THEN translate(\(expression), concat(chr(10), chr(13)), '  ') ELSE \(expression) END
        """
    }

    /// The members of columns that are no objects, in the same form.
    static func members(_ columns: some Sequence<ExportedColumn>) -> String {
        let members = columns.map { "\($0.name) := \($0.expression)" }.joined(separator: ", ")
        // None of them ends with a brace of its own: texts end with a quote.
        return "trim(to_json(struct_pack(\(members)))::VARCHAR, '{}')"
    }
}
