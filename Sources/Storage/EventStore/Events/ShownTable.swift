/// A table of the log as queries see it: the rows of one environment, with the columns that are shown.
public struct ShownTable: Sendable {
    /// Its name.
    public let name: String
    /// What it holds.
    public let description: String
    /// The columns, in order.
    public let columns: [ShownColumn]
    /// The log's own table, for reading.
    package let storedName: String
    /// Its column with ids that rise in the order of storing. Rows of one id are stored together.
    package let idColumn: String

    /// Events of products.
    public static let events = ShownTable(
        name: "events", description: "One row for each stored event of this environment", columns: EventTable.shown,
        storedName: EventTable.name, idColumn: "event_id")

    /// Events of experiments.
    public static let experimentEvents = ShownTable(
        name: "experiment_events",
        description:
            "What visitors of this environment's experiments did: one row for each experience that an event counts for",
        columns: ExposureTable.shown, storedName: ExposureTable.name, idColumn: "exposure_id")

    /// All that queries see.
    public static let all = [events, experimentEvents]
}
