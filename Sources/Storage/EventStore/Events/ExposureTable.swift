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
        ExposureColumn(
            "environment_id", as: "environment", .int64({ $0.event.environmentID }, { $0.event.environmentID = $1 })),
        ExposureColumn("project_id", as: "project", .int64({ $0.event.projectID }, { $0.event.projectID = $1 })),
        ExposureColumn("exposure_id", as: "id", .identifier),
        ExposureColumn("event_type", as: "kind", .kind),
        ExposureColumn("occurred_at", as: "occurred_at", .time({ $0.event.occurredAt }, { $0.event.occurredAt = $1 })),
        ExposureColumn("received_at", as: "received_at", .time({ $0.event.receivedAt }, { $0.event.receivedAt = $1 })),
        ExposureColumn("visitor_id", as: "visitor", .text({ $0.event.visitorID }, { $0.event.visitorID = $1 })),
        ExposureColumn("experience_id", as: nil, .optionalInt64({ $0.experienceID }, { $0.experienceID = $1 })),
        ExposureColumn("variation_id", as: nil, .optionalInt64({ $0.variationID }, { $0.variationID = $1 })),
        ExposureColumn("goal_id", as: "goal", .optionalInt64({ $0.event.goalID }, { $0.event.goalID = $1 })),
        ExposureColumn("revenue", as: "revenue", .optionalDouble({ $0.event.revenue }, { $0.event.revenue = $1 })),
        ExposureColumn(
            "products_count", as: "products",
            .optionalInt64({ $0.event.productsCount }, { $0.event.productsCount = $1 })),
        ExposureColumn(
            "transaction_id", as: "transaction",
            .optionalText({ $0.event.transactionID }, { $0.event.transactionID = $1 })),
        ExposureColumn(
            "devices", as: "devices", .texts({ $0.event.segments.devices }, { $0.event.segments.devices = $1 })),
        ExposureColumn(
            "browser", as: "browser", .optionalText({ $0.event.segments.browser }, { $0.event.segments.browser = $1 })),
        ExposureColumn(
            "country", as: "country", .optionalText({ $0.event.segments.country }, { $0.event.segments.country = $1 })),
        ExposureColumn(
            "visitor_type", as: "visitor_type",
            .optionalText({ $0.event.segments.visitorType }, { $0.event.segments.visitorType = $1 })),
        ExposureColumn(
            "campaign", as: "campaign",
            .optionalText({ $0.event.segments.campaign }, { $0.event.segments.campaign = $1 })),
        ExposureColumn(
            "sources", as: "sources", .texts({ $0.event.segments.sources }, { $0.event.segments.sources = $1 })),
        ExposureColumn(
            "custom_segments", as: "custom_segments",
            .int64s({ $0.event.segments.customSegments }, { $0.event.segments.customSegments = $1 })),
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
