public import ControlStore

/// The tables of this room, one change for each version of the schema that has touched them.
public enum ContentMigrations {
    /// Content shown inside the customer's application.
    public static let content = SchemaChange(
        script: """
            CREATE TABLE contents (
                id \(SQL.identity),
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

    /// How engagements meet people, and what else there is to say of content.
    public static let engagements = SchemaChange(
        script: """
            ALTER TABLE contents ADD COLUMN form TEXT;
            -- what a survey asks for
            ALTER TABLE contents ADD COLUMN survey TEXT;
            ALTER TABLE contents ADD COLUMN is_paused INTEGER NOT NULL DEFAULT 0;
            -- a JSON object
            ALTER TABLE contents ADD COLUMN details TEXT NOT NULL DEFAULT '{}';
            UPDATE contents SET survey = 'multiple_question' WHERE kind = 'survey';
            UPDATE contents SET form = CASE kind
                WHEN 'flow' THEN 'guide' WHEN 'banner' THEN 'dialog' WHEN 'survey' THEN 'dialog'
                WHEN 'embed' THEN 'badge' WHEN 'spotlight' THEN 'hotspot' WHEN 'checklist' THEN 'slider' END;
            """)
}
