import GRDB

/// Accounts, the people who work in them, their projects and environments, and the keys to those.
///
/// All times in this schema are microseconds since the Unix epoch, UTC. Ids that other stores keep are AUTOINCREMENT,
/// so that none is ever given out twice.
enum Migration001Tenants {
    @Sendable static func run(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE accounts (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    name TEXT NOT NULL,
                    created_at INTEGER NOT NULL
                );

                CREATE TABLE users (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    email TEXT NOT NULL UNIQUE COLLATE NOCASE,
                    -- argon2id, in its encoded form
                    password_hash TEXT NOT NULL,
                    created_at INTEGER NOT NULL
                );

                CREATE TABLE memberships (
                    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
                    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
                    role TEXT NOT NULL,
                    created_at INTEGER NOT NULL,
                    PRIMARY KEY (account_id, user_id)
                ) WITHOUT ROWID;
                CREATE INDEX memberships_by_user ON memberships (user_id);

                CREATE TABLE projects (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
                    name TEXT NOT NULL,
                    type TEXT NOT NULL CHECK (type IN ('web', 'fullstack')),
                    created_at INTEGER NOT NULL
                );
                CREATE INDEX projects_by_account ON projects (account_id);

                CREATE TABLE environments (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
                    -- NX- and eight hexadecimal digits; public, part of every exported row
                    app_token TEXT NOT NULL UNIQUE,
                    name TEXT NOT NULL,
                    is_default INTEGER NOT NULL DEFAULT 0 CHECK (is_default IN (0, 1)),
                    created_at INTEGER NOT NULL,
                    UNIQUE (project_id, name)
                );
                CREATE UNIQUE INDEX one_default_environment ON environments (project_id) WHERE is_default = 1;

                CREATE TABLE api_keys (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
                    project_id INTEGER REFERENCES projects (id) ON DELETE CASCADE,
                    environment_id INTEGER REFERENCES environments (id) ON DELETE CASCADE,
                    kind TEXT NOT NULL,
                    -- what names the key in public: the application id, the SDK key, or the first characters of a token
                    identifier TEXT NOT NULL,
                    -- SHA-256 of the secret
                    secret_digest BLOB NOT NULL CHECK (length(secret_digest) = 32),
                    -- the secret itself under the master key, only where signatures are verified with it
                    sealed_secret BLOB,
                    label TEXT NOT NULL,
                    -- space-separated
                    scopes TEXT NOT NULL DEFAULT '',
                    created_at INTEGER NOT NULL,
                    revoked_at INTEGER,
                    UNIQUE (kind, secret_digest)
                );
                CREATE INDEX api_keys_by_account ON api_keys (account_id);
                CREATE INDEX api_keys_by_project ON api_keys (project_id);
                CREATE INDEX api_keys_by_environment ON api_keys (environment_id);
                CREATE INDEX api_keys_by_identifier ON api_keys (kind, identifier);
                """)
    }
}
