public import ControlStore

/// The tables of this room, one change for each version of the schema that has touched them.
public enum CollaboratorsMigrations {
    /// People who are asked into accounts.
    public static let invitations = SchemaChange(
        script: """
            CREATE TABLE invitations (
                id \(SQL.identity),
                account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
                -- as it was typed
                email TEXT NOT NULL \(SQL.ignoringCase("")),
                first_name TEXT NOT NULL,
                last_name TEXT NOT NULL,
                -- SHA-256 of the hash that was mailed
                digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
                created_at INTEGER NOT NULL,
                expires_at INTEGER NOT NULL
            );
            CREATE UNIQUE INDEX invitations_by_email ON invitations (account_id, email);
            CREATE INDEX invitations_by_expiry ON invitations (expires_at);

            -- What they may do once they have accepted: everywhere, or in one project
            CREATE TABLE invitation_accesses (
                invitation_id INTEGER NOT NULL REFERENCES invitations (id) ON DELETE CASCADE,
                -- null for the whole account
                project_id INTEGER REFERENCES projects (id) ON DELETE CASCADE,
                role TEXT NOT NULL
            );
            CREATE UNIQUE INDEX invitation_accesses_by_place
                ON invitation_accesses (invitation_id, ifnull(project_id, 0));
            CREATE INDEX invitation_accesses_by_project ON invitation_accesses (project_id);

            -- When an account has mailed invitations in the last day, those taken back included
            CREATE TABLE invitation_mails (
                account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
                sent_at INTEGER NOT NULL
            );
            CREATE INDEX invitation_mails_by_account ON invitation_mails (account_id, sent_at);
            """)
}
