import EventStore

/// The table `events` as queries see it: the rows of one environment, with the columns of an exported row.
///
/// The mirror's files hold exactly these columns, and a query's session has a view over the files.
public enum EventsView {
    /// A column that queries may name.
    public struct Column: Sendable, Equatable {
        /// Its name.
        public let name: String
        /// Its type, as the engine names it.
        public let type: String
        /// What it holds.
        public let description: String

        /// What it is made of in the stored table.
        let source: String

        init(_ name: String, _ type: String, from source: String? = nil, _ description: String) {
            self.name = name
            self.type = type
            self.description = description
            self.source = source ?? name
        }
    }

    /// The table's name.
    public static let name = "events"

    /// What the table holds.
    public static let description = "One row for each stored event of this environment"

    /// The columns, in order.
    public static let columns: [Column] = [
        Column(
            "event_type", "VARCHAR",
            "identify_user, identify_company, page_view, track, track_feature, interaction or session_start"),
        Column("event_name", "VARCHAR", "Name of the event; NULL for types without one"),
        Column("source", "VARCHAR", "Kind of client that sent it, such as backend-http"),
        Column("user_id", "VARCHAR", "Who caused it; NULL for identify_company"),
        Column("company_id", "VARCHAR", "Company of the user, or the company identified"),
        Column("inserted_at", "TIMESTAMP", from: "occurred_at", "When it happened, UTC"),
        Column("hostname", "VARCHAR", "Host of the page"),
        Column("pathname", "VARCHAR", "Path of the page"),
        Column("screen_width", "INTEGER", "Pixels"),
        Column("screen_height", "INTEGER", "Pixels"),
        Column("operating_system", "VARCHAR", "Name of the operating system"),
        Column("browser", "VARCHAR", "Name of the browser"),
        Column("browser_language", "VARCHAR", "Language that the browser asks for"),
        Column("user_agent", "VARCHAR", "As the client named itself"),
        Column("device_type", "VARCHAR", "Such as desktop, tablet or mobile"),
        Column("country_code", "VARCHAR", "ISO 3166-1, two letters"),
        Column("metadata", "JSON", from: "coalesce(properties, '{}'::JSON)", "Properties of the event, an object"),
        Column("session", "VARCHAR", "Number of the session"),
        Column("internal_event_id", "UBIGINT", "Hash of what identifies the event to export clients"),
        Column("referrer", "VARCHAR", "Page before"),
        Column("event_id", "UUID", "The server's own id; rises in the order of storing"),
        Column("client_event_id", "VARCHAR", "The id that the client gave it, which deduplication goes by"),
        Column("received_at", "TIMESTAMP", "When the server took it in, UTC"),
        Column("surface", "VARCHAR", "The server's interface that took it in: userpilot or sextant"),
    ]

    /// What the columns are made of in the stored table, each under its name.
    static let selection = columns.map { "\($0.source) AS \($0.name)" }.joined(separator: ", ")

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
