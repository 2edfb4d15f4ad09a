import GRDB

/// Pictures that a project's experiences show.
enum Migration008Images {
    @Sendable static func run(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE images (
                    project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
                    -- its name among files, which begins with when it was uploaded
                    key TEXT NOT NULL,
                    content_type TEXT NOT NULL,
                    size_bytes INTEGER NOT NULL,
                    created_at INTEGER NOT NULL,
                    PRIMARY KEY (project_id, key)
                ) WITHOUT ROWID;
                CREATE INDEX images_by_time ON images (project_id, created_at);
                """)
    }
}
