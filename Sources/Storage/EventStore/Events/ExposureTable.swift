package import DuckDB

/// The log of experiment events: a row for each experience that an event counts for, one without any when it counts for
/// none. Reports scan this table only.
///
/// This is where its columns are described, and nowhere else: from here come the statements that make the table, what the
/// appender fills in, what reads rows back, and the form in which events are written down on their way there. A new column
/// goes last, since the engine adds it there to tables that exist.
public enum ExposureTable {
    /// For reading; see ``LogHalf`` for what is written.
    public static let name = "lake.main.exposures"

    /// In the order in which they are stored.
    static let columns: [ExposureColumn] = [
        ExposureColumn("environment_id", as: "environment", .int64(.init(\.event.environmentID))),
        ExposureColumn(
            "project_id", as: "project", .int64(.init(\.event.projectID)), "The project of this environment"),
        ExposureColumn(
            "exposure_id", as: "id", .identifier,
            "The server's own id; the rows of one event share it. Rises in the order of taking in"),
        ExposureColumn("event_type", as: "kind", .kind, "view_experience, conversion or transaction"),
        ExposureColumn(
            "occurred_at", as: "occurred_at", .time(.init(\.event.occurredAt)), "When it happened, UTC"),
        ExposureColumn(
            "received_at", as: "received_at", .time(.init(\.event.receivedAt)), "When the server took it in, UTC"),
        ExposureColumn("visitor_id", as: "visitor", .text(.init(\.event.visitorID)), "Who caused it"),
        ExposureColumn(
            "experience_id", as: nil, .optionalInt64(.init(\.experienceID)),
            "The experience that the row counts for; NULL for an event that counts for none"),
        ExposureColumn(
            "variation_id", as: nil, .optionalInt64(.init(\.variationID)),
            "The variation of that experience which the visitor is in"),
        ExposureColumn(
            "goal_id", as: "goal", .optionalInt64(.init(\.event.goalID)), "The goal reached; NULL for view_experience"),
        ExposureColumn(
            "revenue", as: "revenue", .optionalDouble(.init(\.event.revenue)),
            "Value of a transaction, in the project's currency"),
        ExposureColumn(
            "products_count", as: "products", .optionalInt64(.init(\.event.productsCount)), "Products of a transaction"),
        ExposureColumn(
            "transaction_id", as: "transaction", .optionalText(.init(\.event.transactionID)),
            "What the client calls the transaction"),
        ExposureColumn(
            "devices", as: "devices", .texts(.init(\.event.segments.devices)),
            "Kinds of device, which overlap, such as iPhone and all_phones"),
        ExposureColumn("browser", as: "browser", .optionalText(.init(\.event.segments.browser)), "Such as chrome"),
        ExposureColumn(
            "country", as: "country", .optionalText(.init(\.event.segments.country)), "ISO 3166-1, two letters"),
        ExposureColumn(
            "visitor_type", as: "visitor_type", .optionalText(.init(\.event.segments.visitorType)), "new or returning"),
        ExposureColumn(
            "campaign", as: "campaign", .optionalText(.init(\.event.segments.campaign)),
            "Marketing campaign that brought the visitor"),
        ExposureColumn(
            "sources", as: "sources", .texts(.init(\.event.segments.sources)),
            "Kinds of traffic, such as search and campaign"),
        ExposureColumn(
            "custom_segments", as: "custom_segments", .int64s(.init(\.event.segments.customSegments)),
            "Ids of the segmentation audiences that the visitor is in"),
    ]

    /// The columns that queries see, under their own names: what reports select from, readers can select from.
    public static let shown = columns.compactMap(\.shown)

    /// The table as the engine has it.
    static let table = LogTable(
        name: name, columns: columns.map { LogTable.Column(name: $0.name, type: $0.content.type) })

    /// The first ids of what was appended together lately. They outlive the events, which may be deleted.
    static let pieces = "lake.main.exposure_pieces"

    /// Makes the tables where there are none.
    package static func make(on connection: Connection) throws {
        try table.make(on: connection)
        try connection.execute("CREATE TABLE IF NOT EXISTS \(pieces) (first_exposure_id UUID)")
    }
}
