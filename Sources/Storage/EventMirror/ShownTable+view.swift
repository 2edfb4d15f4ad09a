public import EventStore

extension ShownTable {
    /// Makes the table, as a view, in a session: over files of a mirror, or without any, empty. The files hold exactly
    /// its columns.
    public func createStatement(files: [String]) -> String {
        let body =
            if files.isEmpty {
                "SELECT \(columns.map { "NULL::\($0.type) AS \($0.name)" }.joined(separator: ", ")) WHERE false"
            } else {
                "SELECT \(columns.map(\.name).joined(separator: ", ")) FROM read_parquet(\(SQLText.list(files)))"
            }
        return "CREATE OR REPLACE TEMP VIEW \(name) AS \(body)"
    }
}

/// Texts as SQL writes them.
public enum SQLText {
    /// A literal.
    public static func literal(_ text: String) -> String { "'\(text.replacing("'", with: "''"))'" }

    /// A list of literals.
    public static func list(_ texts: [String]) -> String { "[\(texts.map(literal).joined(separator: ", "))]" }
}
