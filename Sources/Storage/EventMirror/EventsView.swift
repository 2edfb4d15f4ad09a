public import EventStore

/// The table `events` as queries see it: the rows of one environment, with the columns of an exported row.
///
/// The mirror's files hold exactly these columns, and a query's session has a view over the files.
public enum EventsView {
    /// The table's name.
    public static let name = "events"

    /// What the table holds.
    public static let description = "One row for each stored event of this environment"

    /// The columns, in order.
    public static let columns = EventTable.shown

    /// Makes the view in a session: over files of a mirror, or without any, empty.
    public static func createStatement(files: [String]) -> String {
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
