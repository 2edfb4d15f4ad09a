public import ControlStore

/// The tables of this room, one change for each version of the schema that has touched them.
public enum CatalogueMigrations {
    /// What has been learned from events: the events themselves, and the properties of users, companies and events.
    /// Derived from the event log, hence without foreign keys to environments.
    public static let catalogue = SchemaChange(
        script: """
            CREATE TABLE event_definitions (
                id \(SQL.identity),
                environment_id INTEGER NOT NULL,
                -- an event type of the export contract: track, track_feature, page_view, ...
                type TEXT NOT NULL,
                -- the event's name or the feature's tag id; empty for types that have none
                name TEXT NOT NULL,
                display_name TEXT NOT NULL,
                description TEXT,
                is_archived INTEGER NOT NULL DEFAULT 0 CHECK (is_archived IN (0, 1)),
                first_seen_at INTEGER NOT NULL,
                last_seen_at INTEGER NOT NULL,
                UNIQUE (environment_id, type, name)
            );

            CREATE TABLE properties (
                id \(SQL.identity),
                environment_id INTEGER NOT NULL,
                subject TEXT NOT NULL CHECK (subject IN ('user', 'company', 'event')),
                -- for subject 'event' only
                event_definition_id INTEGER REFERENCES event_definitions (id) ON DELETE CASCADE,
                key TEXT NOT NULL,
                data_type TEXT NOT NULL,
                display_name TEXT NOT NULL,
                description TEXT,
                is_archived INTEGER NOT NULL DEFAULT 0 CHECK (is_archived IN (0, 1)),
                first_seen_at INTEGER NOT NULL,
                last_seen_at INTEGER NOT NULL,
                CHECK ((subject = 'event') = (event_definition_id IS NOT NULL))
            );
            CREATE UNIQUE INDEX properties_by_key
                ON properties (environment_id, subject, ifnull(event_definition_id, 0), key);
            CREATE INDEX properties_by_subject ON properties (environment_id, subject, id);
            CREATE INDEX properties_by_event ON properties (event_definition_id);
            """)
}
