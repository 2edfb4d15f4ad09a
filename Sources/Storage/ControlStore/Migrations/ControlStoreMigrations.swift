/// The tables of this room, one change for each version of the schema that has touched them.
public enum ControlStoreMigrations {
    /// How far each projection has followed the event log, and which events were turned away.
    public static let ingestion = SchemaChange(
        script: """
            CREATE TABLE projection_positions (
                name TEXT PRIMARY KEY,
                -- id of the last event applied (UUIDv7)
                event_id TEXT NOT NULL
            ) \(SQL.keyedByPrimaryKey);

            CREATE TABLE ingestion_rejections (
                environment_id INTEGER NOT NULL REFERENCES environments (id) ON DELETE CASCADE,
                reason TEXT NOT NULL,
                -- YYYY-MM-DD, UTC
                day TEXT NOT NULL,
                count INTEGER NOT NULL,
                last_at INTEGER NOT NULL,
                last_detail TEXT,
                PRIMARY KEY (environment_id, day, reason)
            ) \(SQL.keyedByPrimaryKey);
            """)

    /// Events of before reach no goals.
    public static let goalPosition = SchemaChange(
        script: """
            -- Events of before reach nothing
            INSERT INTO projection_positions (name, event_id)
            SELECT 'goals', event_id FROM projection_positions WHERE name = 'people';
            """)

    /// What could not be digested, and waits for somebody to try it again or to dismiss it.
    public static let setAside = SchemaChange(
        script: """
            CREATE TABLE set_aside (
                id \(SQL.identity),
                kind TEXT NOT NULL,
                -- whose it is: nobody's but the operator's where both are NULL
                environment_id INTEGER REFERENCES environments (id) ON DELETE CASCADE,
                project_id INTEGER REFERENCES projects (id) ON DELETE CASCADE,
                -- its id among those of its kind
                subject TEXT NOT NULL,
                -- whom it tells of, so that it goes with them
                user_id TEXT,
                company_id TEXT,
                received_at INTEGER,
                reason TEXT NOT NULL,
                attempts INTEGER NOT NULL,
                -- as it was stored, where it is kept nowhere else
                content BLOB,
                set_aside_at INTEGER NOT NULL,
                last_tried_at INTEGER NOT NULL
            );
            CREATE UNIQUE INDEX set_aside_by_subject ON set_aside (kind, subject, ifnull(project_id, 0));
            CREATE INDEX set_aside_by_environment ON set_aside (environment_id, id);
            CREATE INDEX set_aside_by_project ON set_aside (project_id, id) WHERE environment_id IS NULL;
            CREATE INDEX set_aside_projects ON set_aside (project_id);
            CREATE INDEX set_aside_by_user ON set_aside (environment_id, user_id) WHERE user_id IS NOT NULL;
            CREATE INDEX set_aside_by_company ON set_aside (environment_id, company_id)
            WHERE company_id IS NOT NULL;
            """)

    /// What happened besides the events of the log, for whoever subscribed to it.
    public static let announcements = SchemaChange(
        script: """
            CREATE TABLE announcements (
                id \(SQL.identity),
                environment_id INTEGER NOT NULL REFERENCES environments (id) ON DELETE CASCADE,
                kind TEXT NOT NULL,
                -- what there is to tell, as a JSON object
                content TEXT NOT NULL,
                created_at INTEGER NOT NULL
            );
            CREATE INDEX announcements_by_kind ON announcements (environment_id, kind, id);
            CREATE INDEX announcements_by_environment ON announcements (environment_id, created_at);
            CREATE INDEX announcements_by_age ON announcements (created_at);
            """)

    /// A few of the events that were turned away, for those who look for what is wrong with them.
    public static let rejectionSamples = SchemaChange(
        script: """
            CREATE TABLE rejection_samples (
                id \(SQL.identity),
                environment_id INTEGER NOT NULL REFERENCES environments (id) ON DELETE CASCADE,
                reason TEXT NOT NULL,
                at INTEGER NOT NULL,
                -- of the key that it came with, which may be gone since
                key_id INTEGER,
                field TEXT NOT NULL,
                message TEXT NOT NULL,
                -- as it came; NULL when it is too long
                event BLOB,
                event_bytes INTEGER
            );
            CREATE INDEX rejection_samples_by_reason ON rejection_samples (environment_id, reason, id);
            CREATE INDEX rejection_samples_by_environment ON rejection_samples (environment_id, id);
            CREATE INDEX rejection_samples_by_age ON rejection_samples (at);
            """)

    /// How the files beside the control store are recognised.
    public static let folderMarks = SchemaChange(
        script: """
            CREATE TABLE folder_marks (
                name TEXT PRIMARY KEY NOT NULL,
                value TEXT NOT NULL
            ) \(SQL.keyedByPrimaryKey);
            """)
}
