import GRDB

/// Pictures of what variations look like.
enum Migration010Screenshots {
    @Sendable static func run(_ database: Database) throws {
        try database.execute(
            sql: """
                -- A row outlives what it belongs to, until its files are removed: so it refers to nothing.
                CREATE TABLE screenshots (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    project_id INTEGER NOT NULL,
                    variation_id INTEGER NOT NULL,
                    -- whether it is the one that is shown; before that, its files are still being written
                    is_current INTEGER NOT NULL,
                    -- uploaded by somebody, not taken by the server
                    is_manual INTEGER NOT NULL,
                    format TEXT NOT NULL,
                    thumbnail_format TEXT NOT NULL,
                    created_at INTEGER NOT NULL
                );
                CREATE UNIQUE INDEX screenshots_current ON screenshots (variation_id) WHERE is_current;
                """)
    }
}
