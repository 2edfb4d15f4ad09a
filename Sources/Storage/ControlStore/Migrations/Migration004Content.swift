import GRDB

/// Content shown inside the customer's application.
enum Migration004Content {
    @Sendable static func run(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE contents (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    environment_id INTEGER NOT NULL REFERENCES environments (id) ON DELETE CASCADE,
                    kind TEXT NOT NULL,
                    key TEXT NOT NULL,
                    title TEXT NOT NULL,
                    -- embeds only: banner or card
                    type TEXT,
                    status TEXT NOT NULL CHECK (status IN ('draft', 'published', 'archived')),
                    platform TEXT NOT NULL CHECK (platform IN ('web', 'mobile')),
                    -- JSON arrays, each for the kinds that have it
                    steps TEXT,
                    modules TEXT,
                    tasks TEXT,
                    created_at INTEGER NOT NULL,
                    updated_at INTEGER NOT NULL,
                    UNIQUE (environment_id, kind, key)
                );
                CREATE INDEX contents_by_kind ON contents (environment_id, kind, id);
                """)
    }
}
