import GRDB

/// What could not be digested, and waits for somebody to try it again or to dismiss it.
enum Migration015SetAside {
    @Sendable static func run(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE set_aside (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
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
    }
}
