import GRDB

/// What is known of visitors, and experiment events on their way to the event store.
enum Migration011Serving {
    @Sendable static func run(_ database: Database) throws {
        try database.execute(
            sql: """
                -- What a visitor was last seen with: as JSON objects, experience to variation, and reporting segments
                CREATE TABLE visitors (
                    project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
                    visitor_id TEXT NOT NULL,
                    buckets TEXT NOT NULL,
                    segments TEXT NOT NULL,
                    updated_at INTEGER NOT NULL,
                    PRIMARY KEY (project_id, visitor_id)
                ) WITHOUT ROWID;

                -- Transactions count once
                CREATE TABLE tracked_transactions (
                    project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
                    goal_id INTEGER NOT NULL,
                    transaction_id TEXT NOT NULL,
                    PRIMARY KEY (project_id, goal_id, transaction_id)
                ) WITHOUT ROWID;

                -- Events that are acknowledged, until the event store has them: one row a commit
                CREATE TABLE exposure_outbox (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    first_exposure_id TEXT NOT NULL,
                    events TEXT NOT NULL
                );
                """)
    }
}
