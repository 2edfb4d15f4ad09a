public import ControlStore

/// The tables of this room, one change for each version of the schema that has touched them.
public enum ImagesMigrations {
    /// Pictures that a project's experiences show.
    public static let images = SchemaChange(
        script: """
            CREATE TABLE images (
                project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
                -- its name among files, which begins with when it was uploaded
                key TEXT NOT NULL,
                content_type TEXT NOT NULL,
                size_bytes INTEGER NOT NULL,
                created_at INTEGER NOT NULL,
                PRIMARY KEY (project_id, key)
            ) \(SQL.keyedByPrimaryKey);
            CREATE INDEX images_by_time ON images (project_id, created_at);
            """)

    /// Pictures of what variations look like.
    public static let screenshots = SchemaChange(
        script: """
            -- A row outlives what it belongs to, until its files are removed: so it refers to nothing.
            CREATE TABLE screenshots (
                id \(SQL.identity),
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

    /// How many pictures were uploaded lately.
    public static let uploads = SchemaChange(
        script: """
            CREATE INDEX screenshots_uploaded ON screenshots (project_id, created_at) WHERE is_manual;
            """)
}
