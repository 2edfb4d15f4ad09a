import DuckDB

/// The table of experiment events: a row for each experience that an event counts for, one without any when it counts
/// for none. Reports scan this table only.
public enum ExposureTable {
    /// For reading; see ``LogHalf`` for what is written.
    public static let name = "lake.main.exposures"

    /// In storage order.
    static let columns: [(name: String, type: String)] = [
        ("environment_id", "BIGINT"), ("project_id", "BIGINT"), ("exposure_id", "UUID"), ("event_type", "VARCHAR"),
        ("occurred_at", "TIMESTAMP"), ("received_at", "TIMESTAMP"), ("visitor_id", "VARCHAR"),
        ("experience_id", "BIGINT"), ("variation_id", "BIGINT"), ("goal_id", "BIGINT"), ("revenue", "DOUBLE"),
        ("products_count", "BIGINT"), ("transaction_id", "VARCHAR"), ("devices", "VARCHAR[]"), ("browser", "VARCHAR"),
        ("country", "VARCHAR"), ("visitor_type", "VARCHAR"), ("campaign", "VARCHAR"), ("sources", "VARCHAR[]"),
        ("custom_segments", "BIGINT[]"),
    ]

    /// The first ids of what was appended together lately. They outlive the events, which may be deleted.
    static let pieces = "lake.main.exposure_pieces"

    static var createPiecesStatement: String { "CREATE TABLE IF NOT EXISTS \(pieces) (first_exposure_id UUID)" }

    /// Makes the table where there is none.
    static func make(on connection: Connection) throws {
        let definitions = columns.map { "\($0.name) \($0.type)" }.joined(separator: ", ")
        try LogHalf.make(name, definitions, on: connection)
    }
}
