import GRDB

/// Work that outlives a request: exports, imports, deliveries, schedules.
enum Migration005Jobs {
    @Sendable static func run(_ database: Database) throws {
        try database.execute(
            sql: """
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
                ) WITHOUT ROWID;
                CREATE UNIQUE INDEX jobs_slot ON jobs (slot) WHERE state IN ('queued', 'running') AND slot IS NOT NULL;
                CREATE INDEX jobs_due ON jobs (kind, run_at) WHERE state = 'queued';
                CREATE INDEX jobs_running ON jobs (leased_until) WHERE state = 'running';
                CREATE INDEX jobs_by_environment ON jobs (environment_id, kind, sequence);
                CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at IS NOT NULL;
                """)
    }
}
