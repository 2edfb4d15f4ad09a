package import DuckDB

/// The log of product events. This is where its columns are described, and nowhere else: from here come the statements that
/// make the table, what the writer fills in and what reads rows back, the columns of exports and those that queries see, with
/// their documentation.
///
/// A new column goes last, since the engine adds it there to tables that exist; a text needs an ``EventField`` first.
public enum EventTable {
    /// Fully qualified name, for reading: the catalog is attached as `lake`, whatever it is behind. See ``LogHalf`` for what
    /// is written.
    public static let name = "lake.main.events"

    /// In the order in which they are stored.
    static let columns: [EventColumn] = [
        EventColumn("environment_id", .int64(.init(\.environmentID))),
        EventColumn("project_id", .int64(.init(\.projectID))),
        EventColumn("event_id", .identifier, "The server's own id; rises in the order of storing"),
        EventColumn(
            "internal_event_id", .uint64(.init(\.internalEventID)),
            "Hash of what identifies the event to export clients"),
        EventColumn(
            "event_type", .type,
            "identify_user, identify_company, page_view, track, track_feature, interaction or session_start"),
        EventColumn(
            "source", .source,
            "Kind of client that sent it, such as backend-http"),
        EventColumn(
            "surface", .surface,
            "The server's interface that took it in: userpilot, sextant or gainsight_px", exports: .never),
        EventColumn(
            "occurred_at", .time(.init(\.occurredAt)), as: "inserted_at",
            "When it happened, UTC"),
        EventColumn("received_at", .receivedAt, "When the server took it in, UTC"),
        EventColumn("screen_width", .int32(.init(\.screenWidth)), "Pixels"),
        EventColumn("screen_height", .int32(.init(\.screenHeight)), "Pixels"),
        EventColumn(
            "event_name", .text(.eventName), "Name of the event; NULL for types without one", exports: .orEmpty),
        EventColumn("user_id", .text(.userID), "Who caused it; NULL for identify_company", exports: .orEmpty),
        EventColumn(
            "company_id", .text(.companyID), "Company of the user, or the company identified", exports: .orEmpty),
        EventColumn("hostname", .text(.hostname), "Host of the page"),
        EventColumn("pathname", .text(.pathname), "Path of the page"),
        EventColumn("referrer", .text(.referrer), "Page before"),
        EventColumn("operating_system", .text(.operatingSystem), "Name of the operating system"),
        EventColumn("browser", .text(.browser), "Name of the browser"),
        EventColumn("browser_language", .text(.browserLanguage), "Language that the browser asks for"),
        EventColumn("user_agent", .text(.userAgent), "As the client named itself"),
        EventColumn("device_type", .text(.deviceType), "Such as desktop, tablet or mobile"),
        EventColumn("country_code", .text(.countryCode), "ISO 3166-1, two letters"),
        EventColumn("session", .text(.session), "Number of the session"),
        EventColumn(
            "properties", .json(.properties), as: "metadata", "Properties of the event, an object", exports: .always),
        EventColumn(
            "client_event_id", .text(.clientEventID),
            "The id that the client gave it, which deduplication goes by"),
        EventColumn(
            "inferred_location", .text(.inferredLocation),
            "Where the address was that it came from, an object; NULL where that is not known", exports: .never),
    ]

    /// The columns that queries see. First come those of the vendor's export documentation, in its order, then what only
    /// Sextant has; a column that is not in this list comes after it.
    public static let shown: [ShownColumn] = {
        let first = [
            "event_type", "event_name", "source", "user_id", "company_id", "occurred_at", "hostname", "pathname",
            "screen_width", "screen_height", "operating_system", "browser", "browser_language", "user_agent",
            "device_type", "country_code", "properties", "session", "internal_event_id", "referrer", "event_id",
            "client_event_id", "received_at", "surface",
        ]
        let shown = columns.compactMap(\.shown)
        return first.compactMap { name in shown.first { $0.storedName == name } }
            + shown.filter { !first.contains($0.storedName) }
    }()

    /// The table as the engine has it.
    static let table = LogTable(
        name: name, columns: columns.map { LogTable.Column(name: $0.name, type: $0.content.type) })

    /// Makes the table where there is none.
    package static func make(on connection: Connection) throws { try table.make(on: connection) }

    /// The place of a column in a row of the table.
    package static func place(of name: String) -> Int? { columns.firstIndex { $0.name == name } }

    /// The place of each field, by its number.
    static let places: [Int] = EventField.allCases.map { field in
        guard let place = columns.firstIndex(where: { $0.content.field == field }) else {
            preconditionFailure("\(field) has no column")
        }
        return place
    }
}

extension EventField {
    /// The column's name in the log.
    public var column: String { EventTable.columns[EventTable.places[rawValue]].name }
}
