public import ControlStore

/// The tables of this room, one change for each version of the schema that has touched them.
public enum ResourcesMigrations {
    /// What a project's experiments are made of, and who changed it.
    public static let resources = SchemaChange(
        script: """
            -- Goals, audiences, locations, features, tags, domains, hypotheses, knowledge bases and observations
            CREATE TABLE resources (
                id \(SQL.identity),
                project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
                kind TEXT NOT NULL,
                -- what code calls it by; only kinds that have keys
                key TEXT,
                name TEXT NOT NULL,
                status TEXT,
                -- everything else, as a JSON object
                document TEXT NOT NULL,
                -- what searches look through, in lower case
                search_text TEXT NOT NULL,
                created_by TEXT NOT NULL,
                created_at INTEGER NOT NULL,
                updated_at INTEGER NOT NULL
            );
            CREATE INDEX resources_by_name ON resources (project_id, kind, \(SQL.ignoringCase("name")), id);
            CREATE UNIQUE INDEX resources_by_key ON resources (project_id, kind, key) WHERE key IS NOT NULL;

            -- Which resource uses which: the tags of a hypothesis, the goals of an experience
            CREATE TABLE resource_references (
                resource_id INTEGER NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
                field TEXT NOT NULL,
                target_id INTEGER NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
                position INTEGER NOT NULL,
                PRIMARY KEY (resource_id, field, target_id)
            ) \(SQL.keyedByPrimaryKey);
            CREATE INDEX resource_references_by_target ON resource_references (target_id, field);

            CREATE TABLE changes (
                id \(SQL.identity),
                account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
                -- kept when the project is deleted: its history belongs to the account
                project_id INTEGER,
                object TEXT NOT NULL,
                object_id INTEGER NOT NULL,
                parent_object_id INTEGER,
                event TEXT NOT NULL,
                method TEXT NOT NULL CHECK (method IN ('api', 'app')),
                author TEXT NOT NULL,
                request_id TEXT,
                -- JSON objects of the fields that changed; null for what did not exist
                old TEXT,
                new TEXT,
                created_at INTEGER NOT NULL
            );
            CREATE INDEX changes_by_account ON changes (account_id, id);
            CREATE INDEX changes_by_project ON changes (project_id, id);
            CREATE INDEX changes_by_object ON changes (project_id, object, object_id, id);
            """)

    /// Indexes for what was found by reading whole tables.
    public static let searches = SchemaChange(
        script: """
            -- Which experiences are to start or to stop is asked every few seconds
            CREATE INDEX experiences_by_status ON resources (status, project_id) WHERE kind = 'experience';

            -- The history of one thing and of its parts, in whichever project it is
            DROP INDEX changes_by_object;
            CREATE INDEX changes_by_object ON changes (object_id, object);
            CREATE INDEX changes_by_parent ON changes (parent_object_id) WHERE parent_object_id IS NOT NULL;
            """)
}
