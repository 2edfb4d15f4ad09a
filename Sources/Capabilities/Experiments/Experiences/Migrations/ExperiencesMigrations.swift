public import ControlStore

/// The tables of this room, one change for each version of the schema that has touched them.
public enum ExperiencesMigrations {
    /// Variations and what they change.
    public static let variations = SchemaChange(
        script: """
            CREATE TABLE variations (
                id \(SQL.identity),
                project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
                experience_id INTEGER NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
                position INTEGER NOT NULL,
                key TEXT NOT NULL,
                name TEXT NOT NULL,
                -- everything else, as a JSON object
                document TEXT NOT NULL
            );
            CREATE UNIQUE INDEX variations_by_key ON variations (project_id, key);
            CREATE INDEX variations_by_experience ON variations (experience_id, position);

            -- What a variation does to a page or a feature; of a multivariate test, what a version of a section does
            CREATE TABLE variation_changes (
                id \(SQL.identity),
                experience_id INTEGER NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
                variation_id INTEGER REFERENCES variations (id) ON DELETE CASCADE,
                section_id TEXT,
                version_id TEXT,
                position INTEGER NOT NULL,
                type TEXT NOT NULL,
                -- a JSON object
                data TEXT NOT NULL,
                CHECK ((variation_id IS NULL) = (section_id IS NOT NULL AND version_id IS NOT NULL))
            );
            CREATE INDEX variation_changes_by_experience ON variation_changes (experience_id, position);
            CREATE INDEX variation_changes_by_variation ON variation_changes (variation_id);
            """)
}
