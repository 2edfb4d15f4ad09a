public import ControlStore

/// The tables of this room, one change for each version of the schema that has touched them.
public enum FeaturesMigrations {
    /// Tracked features, and who has used them.
    public static let features = SchemaChange(
        script: """
            CREATE TABLE tracked_features (
                id \(SQL.identity),
                environment_id INTEGER NOT NULL REFERENCES environments (id) ON DELETE CASCADE,
                -- what events of its use are called
                tag TEXT NOT NULL,
                name TEXT NOT NULL,
                kind TEXT NOT NULL CHECK (kind IN ('feature', 'module')),
                parent_id INTEGER REFERENCES tracked_features (id) ON DELETE SET NULL,
                is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
                -- JSON arrays
                labels TEXT NOT NULL DEFAULT '[]',
                elements TEXT NOT NULL DEFAULT '[]',
                -- from when its elements, as they are, have been looked for
                counts_since INTEGER,
                created_at INTEGER NOT NULL,
                updated_at INTEGER NOT NULL,
                UNIQUE (environment_id, tag)
            );
            CREATE INDEX tracked_features_by_parent ON tracked_features (parent_id) WHERE parent_id IS NOT NULL;

            CREATE TABLE feature_figures (
                environment_id INTEGER NOT NULL,
                tag TEXT NOT NULL,
                event_count INTEGER NOT NULL,
                user_count INTEGER NOT NULL,
                PRIMARY KEY (environment_id, tag)
            ) \(SQL.keyedByPrimaryKey);

            CREATE TABLE feature_users (
                environment_id INTEGER NOT NULL,
                user_id TEXT NOT NULL,
                tag TEXT NOT NULL,
                event_count INTEGER NOT NULL,
                PRIMARY KEY (environment_id, user_id, tag)
            ) \(SQL.keyedByPrimaryKey);
            """)

    /// Where the log of events ended when elements became what they are.
    public static let logPositions = SchemaChange(script: "ALTER TABLE tracked_features ADD COLUMN counts_from TEXT;")
}
