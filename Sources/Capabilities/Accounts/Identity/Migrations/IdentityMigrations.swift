public import ControlStore

/// The tables of this room, one change for each version of the schema that has touched them.
public enum IdentityMigrations {
    /// Accounts, people who use them, projects, environments and keys.
    public static let tenants = SchemaChange(
        script: """
            CREATE TABLE accounts (
                id \(SQL.identity),
                name TEXT NOT NULL,
                created_at INTEGER NOT NULL
            );

            CREATE TABLE users (
                id \(SQL.identity),
                email TEXT NOT NULL \(SQL.ignoringCase("UNIQUE")),
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
            ) \(SQL.keyedByPrimaryKey);
            CREATE INDEX memberships_by_user ON memberships (user_id);

            CREATE TABLE projects (
                id \(SQL.identity),
                account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
                name TEXT NOT NULL,
                type TEXT NOT NULL CHECK (type IN ('web', 'fullstack')),
                created_at INTEGER NOT NULL
            );
            CREATE INDEX projects_by_account ON projects (account_id);

            CREATE TABLE environments (
                id \(SQL.identity),
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
                id \(SQL.identity),
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

    /// Convert's applications and SDK keys, and what projects and environments are set to.
    public static let experimentation = SchemaChange(
        script: """
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

            -- What lets people preview a project's drafts, and force variations
            CREATE TABLE debug_tokens (
                digest BLOB PRIMARY KEY,
                project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
                expires_at INTEGER NOT NULL
            ) \(SQL.keyedByPrimaryKey);
            """)

    /// What lets somebody look at one experience's report.
    public static let reportTokens = SchemaChange(
        script: """
            -- What lets people see one experience and its report, without a key
            CREATE TABLE report_tokens (
                experience_id INTEGER PRIMARY KEY REFERENCES resources (id) ON DELETE CASCADE,
                -- sealed, because it is shown again
                sealed_token BLOB NOT NULL,
                digest BLOB NOT NULL UNIQUE,
                expires_at INTEGER NOT NULL
            );
            """)

    /// Tokens that a project takes with it, and expired ones.
    public static let debugTokenSearches = SchemaChange(
        script: """
            -- A project takes its tokens with it, and the expired ones go whenever one is made
            CREATE INDEX debug_tokens_by_project ON debug_tokens (project_id);
            CREATE INDEX debug_tokens_by_expiry ON debug_tokens (expires_at);
            """)

    /// Gainsight PX keys of earlier versions name a project only, and opened nothing yet.
    public static let gainsightEnvironments = SchemaChange(
        script: """
            UPDATE api_keys SET scopes = 'exports', environment_id = (
                SELECT id FROM environments WHERE environments.project_id = api_keys.project_id AND is_default)
            WHERE kind = 'gainsight_px_key' AND environment_id IS NULL
            """)

    /// People who log in, and what they may do in which account and project.
    public static let people = SchemaChange(
        script: """
            ALTER TABLE users ADD COLUMN first_name TEXT NOT NULL DEFAULT '';
            ALTER TABLE users ADD COLUMN last_name TEXT NOT NULL DEFAULT '';
            -- settings of what people look at, as a JSON object
            ALTER TABLE users ADD COLUMN preferences TEXT NOT NULL DEFAULT '{}';
            -- somebody else chose the password
            ALTER TABLE users ADD COLUMN must_change_password INTEGER NOT NULL DEFAULT 0;
            -- the secret of the authenticator app, sealed; it counts once a code has shown that the app has it
            ALTER TABLE users ADD COLUMN mfa_secret BLOB;
            ALTER TABLE users ADD COLUMN mfa_enabled_at INTEGER;
            -- the last step of 30 seconds whose code was taken: each is good once
            ALTER TABLE users ADD COLUMN mfa_step INTEGER NOT NULL DEFAULT 0;

            -- the account that a sub-account belongs to
            ALTER TABLE accounts ADD COLUMN parent_id INTEGER REFERENCES accounts (id) ON DELETE CASCADE;
            CREATE INDEX accounts_by_parent ON accounts (parent_id);

            -- What a user may do in an account: everywhere, or in one project
            CREATE TABLE accesses (
                id \(SQL.identity),
                account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
                user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
                -- null for the whole account
                project_id INTEGER REFERENCES projects (id) ON DELETE CASCADE,
                role TEXT NOT NULL,
                created_at INTEGER NOT NULL
            );
            CREATE UNIQUE INDEX accesses_by_user ON accesses (user_id, account_id, ifnull(project_id, 0));
            CREATE INDEX accesses_by_account ON accesses (account_id);
            CREATE INDEX accesses_by_project ON accesses (project_id);
            INSERT INTO accesses (account_id, user_id, role, created_at)
                SELECT account_id, user_id, role, created_at FROM memberships;
            DROP TABLE memberships;
            """)

    /// Passwords that were mailed, and are good for some days only.
    public static let expiringPasswords = SchemaChange(
        script: """
            -- null for never, as are passwords of people's own choice
            ALTER TABLE users ADD COLUMN password_expires_at INTEGER;
            """)

    /// How a payment provider names the customer that an account is to it.
    public static let paymentCustomers = SchemaChange(
        script: "ALTER TABLE accounts ADD COLUMN payment_customer TEXT;")
}
