import GRDB

/// Goals of experiments that product events reach.
enum Migration013ProductGoals {
    @Sendable static func run(_ database: Database) throws {
        try database.execute(
            sql: """
                -- The visitors of experiments that a user is, as identify calls say
                CREATE TABLE joined_visitors (
                    environment_id INTEGER NOT NULL REFERENCES environments (id) ON DELETE CASCADE,
                    user_id TEXT NOT NULL,
                    visitor_id TEXT NOT NULL,
                    joined_at INTEGER NOT NULL,
                    PRIMARY KEY (environment_id, user_id, visitor_id)
                ) WITHOUT ROWID;

                -- Reached, and not yet counted for experiences: in the order of the events
                CREATE TABLE reached_goals (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    environment_id INTEGER NOT NULL REFERENCES environments (id) ON DELETE CASCADE,
                    project_id INTEGER NOT NULL,
                    goal_id INTEGER NOT NULL,
                    user_id TEXT,
                    -- as the event itself says
                    visitor_id TEXT,
                    occurred_at INTEGER NOT NULL,
                    received_at INTEGER NOT NULL,
                    revenue REAL,
                    products_count INTEGER,
                    transaction_id TEXT
                );
                CREATE INDEX reached_goals_by_user ON reached_goals (environment_id, user_id);
                CREATE INDEX reached_goals_by_project ON reached_goals (project_id, id);

                -- Events of before reach nothing
                INSERT INTO projection_positions (name, event_id)
                SELECT 'goals', event_id FROM projection_positions WHERE name = 'people';
                """)
    }
}
