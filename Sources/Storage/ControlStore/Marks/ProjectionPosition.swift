public import GRDB

/// How far a projection has followed the event log. Read and moved inside the projection's own transaction, so that a
/// position is never stored without the effects it stands for.
public enum ProjectionPosition {
    /// The id of the last event applied (UUIDv7 text), nil when there is none.
    public static func read(_ projection: String, from database: Database) throws -> String? {
        try String.fetchOne(
            database, sql: "SELECT event_id FROM projection_positions WHERE name = ?", arguments: [projection])
    }

    /// The furthest position of all projections, nil when there is none.
    static func furthest(in database: Database) throws -> String? {
        try String.fetchOne(database, sql: "SELECT max(event_id) FROM projection_positions")
    }

    /// Moves the position of `projection` to `eventID`.
    public static func move(_ projection: String, to eventID: String, in database: Database) throws {
        try database.cachedStatement(
            sql: """
                INSERT INTO projection_positions (name, event_id) VALUES (?, ?)
                ON CONFLICT (name) DO UPDATE SET event_id = excluded.event_id
                """
        ).execute(arguments: [projection, eventID])
    }
}
