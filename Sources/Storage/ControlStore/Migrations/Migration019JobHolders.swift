import GRDB

/// Whose turn a job takes, so that many jobs of one account keep nobody else waiting.
enum Migration019JobHolders {
    @Sendable static func run(_ database: Database) throws {
        try database.execute(
            sql: """
                -- the account that it works for; 0 for the server's own
                ALTER TABLE jobs ADD COLUMN account_id INTEGER NOT NULL DEFAULT 0;
                -- whether it is known to take little time
                ALTER TABLE jobs ADD COLUMN is_short INTEGER NOT NULL DEFAULT 0 CHECK (is_short IN (0, 1));
                UPDATE jobs SET account_id = ifnull(
                    (SELECT p.account_id FROM environments e JOIN projects p ON p.id = e.project_id
                    WHERE e.id = jobs.environment_id), 0);
                CREATE INDEX jobs_waiting ON jobs (kind, is_short, account_id, environment_id, sequence)
                    WHERE state = 'queued';
                CREATE INDEX jobs_running_by_account ON jobs (kind, account_id) WHERE state = 'running';
                """)
    }
}
