public import ControlStore

/// The tables of this room, one change for each version of the schema that has touched them.
public enum JobsMigrations {
    /// Work that outlives a request: exports, imports, deliveries, schedules.
    public static let jobs = SchemaChange(
        script: """
            CREATE TABLE jobs (
                id TEXT PRIMARY KEY,
                -- order of creation
                sequence INTEGER NOT NULL UNIQUE,
                kind TEXT NOT NULL,
                environment_id INTEGER REFERENCES environments (id) ON DELETE CASCADE,
                state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'completed', 'failed')),
                -- at most one unfinished job may hold a slot
                slot TEXT,
                -- JSON documents
                payload TEXT NOT NULL,
                progress TEXT,
                result TEXT,
                error TEXT,
                -- runs that ended with an error that may pass, and runs that a crash cut off
                failures INTEGER NOT NULL DEFAULT 0,
                crashes INTEGER NOT NULL DEFAULT 0,
                run_at INTEGER NOT NULL,
                leased_until INTEGER,
                -- who holds the lease
                lease TEXT,
                created_at INTEGER NOT NULL,
                started_at INTEGER,
                finished_at INTEGER
            ) \(SQL.keyedByPrimaryKey);
            CREATE UNIQUE INDEX jobs_slot ON jobs (slot) WHERE state IN ('queued', 'running') AND slot IS NOT NULL;
            CREATE INDEX jobs_due ON jobs (kind, run_at) WHERE state = 'queued';
            CREATE INDEX jobs_running ON jobs (leased_until) WHERE state = 'running';
            CREATE INDEX jobs_by_environment ON jobs (environment_id, kind, sequence);
            CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at IS NOT NULL;
            """)

    /// Whose turn a job takes, so that many jobs of one account keep nobody else waiting.
    public static let holders = SchemaChange(
        script: """
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

    /// Jobs that another one stands for, so that whoever asked for one can follow it.
    public static let taken = SchemaChange(
        script: """
            CREATE TABLE taken_jobs (
                id TEXT PRIMARY KEY,
                -- order of creation, among all jobs
                sequence INTEGER NOT NULL,
                kind TEXT NOT NULL,
                environment_id INTEGER REFERENCES environments (id) ON DELETE CASCADE,
                -- the job that does what this one was to do
                taken_by TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
                -- JSON: what is kept of what it was to do
                origin TEXT NOT NULL,
                created_at INTEGER NOT NULL
            ) \(SQL.keyedByPrimaryKey);
            CREATE INDEX taken_jobs_by_job ON taken_jobs (taken_by);
            CREATE INDEX taken_jobs_by_environment ON taken_jobs (environment_id, kind, sequence);
            """)
}
