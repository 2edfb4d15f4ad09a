import GRDB

/// What a project's experiments are made of, and who changed it.
enum Migration007Experimentation {
    @Sendable static func run(_ database: Database) throws {
        try database.execute(
            sql: """
                -- Convert's applications: requestSigning or secretKey (either when null), and what they may do where
                ALTER TABLE api_keys ADD COLUMN authentication TEXT;
                ALTER TABLE api_keys ADD COLUMN role TEXT;
                -- JSON array of project ids; null or empty means all projects of the account
                ALTER TABLE api_keys ADD COLUMN project_ids TEXT;
                -- SDK keys: the secret's first and last characters, null when the key has none
                ALTER TABLE api_keys ADD COLUMN secret_hint TEXT;
                ALTER TABLE api_keys ADD COLUMN is_enabled INTEGER NOT NULL DEFAULT 1;
                ALTER TABLE api_keys ADD COLUMN is_default INTEGER NOT NULL DEFAULT 0;

                -- settings and billing address of an account, as a JSON object
                ALTER TABLE accounts ADD COLUMN document TEXT NOT NULL DEFAULT '{}';
                -- settings and everything else of a project, as a JSON object
                ALTER TABLE projects ADD COLUMN document TEXT NOT NULL DEFAULT '{}';
                ALTER TABLE projects ADD COLUMN status TEXT NOT NULL DEFAULT 'active';
                ALTER TABLE projects ADD COLUMN search_text TEXT NOT NULL DEFAULT '';
                -- when it, or anything in it, was changed last, and how often that happened
                ALTER TABLE projects ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;
                ALTER TABLE projects ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
                UPDATE projects SET updated_at = created_at, search_text = lower(name);
                ALTER TABLE environments ADD COLUMN label TEXT;
                ALTER TABLE environments ADD COLUMN javascript TEXT;

                -- Goals, audiences, locations, features, tags, domains, hypotheses, knowledge bases and observations
                CREATE TABLE resources (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
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
                CREATE INDEX resources_by_name ON resources (project_id, kind, name COLLATE NOCASE, id);
                CREATE UNIQUE INDEX resources_by_key ON resources (project_id, kind, key) WHERE key IS NOT NULL;

                -- Which resource uses which: the tags of a hypothesis, the goals of an experience
                CREATE TABLE resource_references (
                    resource_id INTEGER NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
                    field TEXT NOT NULL,
                    target_id INTEGER NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
                    position INTEGER NOT NULL,
                    PRIMARY KEY (resource_id, field, target_id)
                ) WITHOUT ROWID;
                CREATE INDEX resource_references_by_target ON resource_references (target_id, field);

                -- What lets people preview a project's drafts, and force variations
                CREATE TABLE debug_tokens (
                    digest BLOB PRIMARY KEY,
                    project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
                    expires_at INTEGER NOT NULL
                ) WITHOUT ROWID;

                CREATE TABLE changes (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
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
    }
}
