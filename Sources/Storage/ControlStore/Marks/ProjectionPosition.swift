/// How far a projection has followed the event log. Read and moved inside the projection's own transaction, so that a
/// position is never stored without the effects it stands for.
public enum ProjectionPosition {
    /// The position, as the log gives it to be kept; nil when there is none.
    public static func read(_ projection: String, from database: Database) throws -> String? {
        try database.value(
            String.self, sql: "SELECT event_id FROM projection_positions WHERE name = ?", arguments: [projection])
    }

    /// The positions of all projections.
    static func all(in database: Database) throws -> [String] {
        try database.values(String.self, sql: "SELECT DISTINCT event_id FROM projection_positions")
    }

    /// Moves the position of `projection`.
    public static func move(_ projection: String, to position: String, in database: Database) throws {
        try database.prepare(
            """
            INSERT INTO projection_positions (name, event_id) VALUES (?, ?)
            ON CONFLICT (name) DO UPDATE SET event_id = excluded.event_id
            """
        ).execute(arguments: [projection, position])
    }
}
