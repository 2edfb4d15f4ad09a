public import ControlStore

/// The tables of this room, one change for each version of the schema that has touched them.
public enum SessionsMigrations {
    /// Sessions of people who have logged in.
    public static let sessions = SchemaChange(
        script: """
            CREATE TABLE sessions (
                id \(SQL.identity),
                -- what others may know of it, such as lists of sessions
                name TEXT NOT NULL UNIQUE,
                -- SHA-256 of what the cookie holds
                digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
                user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
                -- what it was begun with, as the client calls itself
                client TEXT NOT NULL,
                created_at INTEGER NOT NULL,
                last_used_at INTEGER NOT NULL,
                -- whatever happens, it ends then
                expires_at INTEGER NOT NULL
            );
            CREATE INDEX sessions_by_user ON sessions (user_id);
            CREATE INDEX sessions_by_expiry ON sessions (expires_at);

            -- What somebody has to bring to go on: the name of a login's next step, or a code that was mailed
            CREATE TABLE login_steps (
                -- SHA-256 of the name or code
                digest BLOB PRIMARY KEY,
                user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
                purpose TEXT NOT NULL CHECK (purpose IN ('mfa', 'new_password', 'reset', 'email')),
                -- the new address of an e-mail change
                detail TEXT,
                attempts INTEGER NOT NULL DEFAULT 0,
                expires_at INTEGER NOT NULL
            ) \(SQL.keyedByPrimaryKey);
            CREATE INDEX login_steps_by_user ON login_steps (user_id, purpose);
            CREATE INDEX login_steps_by_expiry ON login_steps (expires_at);

            -- How often logins of one user name, or from one address, have failed lately
            CREATE TABLE login_failures (
                -- SHA-256 of what they have in common
                subject BLOB PRIMARY KEY,
                failures INTEGER NOT NULL,
                failed_at INTEGER NOT NULL,
                blocked_until INTEGER NOT NULL
            ) \(SQL.keyedByPrimaryKey);
            CREATE INDEX login_failures_by_time ON login_failures (failed_at);

            CREATE TABLE mfa_backup_codes (
                user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
                digest BLOB NOT NULL,
                PRIMARY KEY (user_id, digest)
            ) \(SQL.keyedByPrimaryKey);
            """)
}
