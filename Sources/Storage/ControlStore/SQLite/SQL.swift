/// Pieces of statements that each engine writes in its own way, as SQLite does.
///
/// A piece names columns and parameters, never values: those are arguments. Where a document's member is named by a
/// variable, the variable is one of the program's own names.
public enum SQL {
    /// The elements of a ``ListArgument``, to be looked for with `IN`.
    public static func list(_ parameter: String) -> String { "(SELECT value FROM json_each(\(parameter)))" }

    /// A member of a document that is stored as JSON; NULL when it has none.
    /// - Parameter path: names with dots between them.
    public static func member(_ path: String, of document: String = "document") -> String {
        "json_extract(\(document), '$.\(path)')"
    }

    /// A member of a JSON object that is an argument, by a name that is an expression.
    public static func value(named name: String, in parameter: String) -> String {
        "(SELECT value FROM json_each(\(parameter)) WHERE key = CAST(\(name) AS TEXT))"
    }

    /// A document with a member that has another value.
    /// - Parameter value: an expression that is text or a number.
    public static func setting(_ path: String, to value: String, in document: String = "document") -> String {
        "json_set(\(document), '$.\(path)', \(value))"
    }

    /// The same for a member that becomes true.
    public static func settingTrue(_ path: String, in document: String = "document") -> String {
        "json_set(\(document), '$.\(path)', json('true'))"
    }

    /// A document without a member.
    public static func removing(_ path: String, from document: String = "document") -> String {
        "json_remove(\(document), '$.\(path)')"
    }

    /// A JSON object of columns, under their own names.
    public static func object(of columns: [String]) -> String {
        "json_object(\(columns.map { "'\($0)', \($0)" }.joined(separator: ", ")))"
    }

    /// Whether a document can be read as JSON.
    public static func isJSON(_ document: String) -> String { "json_valid(\(document))" }

    /// A text as it is sorted and compared where case is ignored.
    public static func ignoringCase(_ text: String) -> String { "\(text) COLLATE NOCASE" }

    /// A text as it is compared by its bytes, for a column that ignores case.
    public static func byBytes(_ text: String) -> String { "\(text) COLLATE BINARY" }

    /// A table that is to be searched by the ids that are given, whatever other conditions there are: left to itself,
    /// SQLite takes an index and reads every row of the project.
    public static func byIDs(_ table: String) -> String { "\(table) NOT INDEXED" }

    /// The members of a document as rows with a `key` and a `value`, to be selected from.
    public static func members(of document: String) -> String { "json_each(\(document))" }

    /// The type of an `id` that the table gives out, each once.
    public static let identity = "INTEGER PRIMARY KEY AUTOINCREMENT"

    /// For a table without such an `id`, whose rows lie in the order of their primary key.
    public static let keyedByPrimaryKey = "WITHOUT ROWID"
}
