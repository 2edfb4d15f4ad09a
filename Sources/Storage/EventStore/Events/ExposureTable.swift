import DuckDB

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
        ExposureColumn("project_id", as: "project", .int64(.init(\.event.projectID))),
        ExposureColumn("exposure_id", as: "id", .identifier),
        ExposureColumn("event_type", as: "kind", .kind),
        ExposureColumn("occurred_at", as: "occurred_at", .time(.init(\.event.occurredAt))),
        ExposureColumn("received_at", as: "received_at", .time(.init(\.event.receivedAt))),
        ExposureColumn("visitor_id", as: "visitor", .text(.init(\.event.visitorID))),
        ExposureColumn("experience_id", as: nil, .optionalInt64(.init(\.experienceID))),
        ExposureColumn("variation_id", as: nil, .optionalInt64(.init(\.variationID))),
        ExposureColumn("goal_id", as: "goal", .optionalInt64(.init(\.event.goalID))),
        ExposureColumn("revenue", as: "revenue", .optionalDouble(.init(\.event.revenue))),
        ExposureColumn("products_count", as: "products", .optionalInt64(.init(\.event.productsCount))),
        ExposureColumn("transaction_id", as: "transaction", .optionalText(.init(\.event.transactionID))),
        ExposureColumn("devices", as: "devices", .texts(.init(\.event.segments.devices))),
        ExposureColumn("browser", as: "browser", .optionalText(.init(\.event.segments.browser))),
        ExposureColumn("country", as: "country", .optionalText(.init(\.event.segments.country))),
        ExposureColumn("visitor_type", as: "visitor_type", .optionalText(.init(\.event.segments.visitorType))),
        ExposureColumn("campaign", as: "campaign", .optionalText(.init(\.event.segments.campaign))),
        ExposureColumn("sources", as: "sources", .texts(.init(\.event.segments.sources))),
        ExposureColumn("custom_segments", as: "custom_segments", .int64s(.init(\.event.segments.customSegments))),
    ]

    /// The table as the engine has it.
    static let table = LogTable(
        name: name, columns: columns.map { LogTable.Column(name: $0.name, type: $0.content.type) })

    /// The first ids of what was appended together lately. They outlive the events, which may be deleted.
    static let pieces = "lake.main.exposure_pieces"

    /// Makes the tables where there are none.
    static func make(on connection: Connection) throws {
        try table.make(on: connection)
        try connection.execute("CREATE TABLE IF NOT EXISTS \(pieces) (first_exposure_id UUID)")
    }
}
