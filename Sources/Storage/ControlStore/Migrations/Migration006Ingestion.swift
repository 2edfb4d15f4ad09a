import GRDB

/// How far each projection has followed the event log, and which events were turned away.
enum Migration006Ingestion {
    @Sendable static func run(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE projection_positions (
                    name TEXT PRIMARY KEY,
                    -- id of the last event applied (UUIDv7)
                    event_id TEXT NOT NULL
                ) WITHOUT ROWID;

                CREATE TABLE ingestion_rejections (
                    environment_id INTEGER NOT NULL REFERENCES environments (id) ON DELETE CASCADE,
                    reason TEXT NOT NULL,
                    -- YYYY-MM-DD, UTC
                    day TEXT NOT NULL,
                    count INTEGER NOT NULL,
                    last_at INTEGER NOT NULL,
                    last_detail TEXT,
                    PRIMARY KEY (environment_id, day, reason)
                ) WITHOUT ROWID;
                """)
    }
}
