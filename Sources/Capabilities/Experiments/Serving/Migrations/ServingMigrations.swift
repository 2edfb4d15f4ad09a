public import ControlStore

/// The tables of this room, one change for each version of the schema that has touched them.
public enum ServingMigrations {
    /// What is known of visitors, and what is to be delivered.
    public static let visitors = SchemaChange(
        script: """
            -- What a visitor was last seen with: as JSON objects, experience to variation, and reporting segments
            CREATE TABLE visitors (
                project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
                visitor_id TEXT NOT NULL,
                buckets TEXT NOT NULL,
                segments TEXT NOT NULL,
                updated_at INTEGER NOT NULL,
                PRIMARY KEY (project_id, visitor_id)
            ) \(SQL.keyedByPrimaryKey);

            -- Transactions count once
            CREATE TABLE tracked_transactions (
                project_id INTEGER NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
                goal_id INTEGER NOT NULL,
                transaction_id TEXT NOT NULL,
                PRIMARY KEY (project_id, goal_id, transaction_id)
            ) \(SQL.keyedByPrimaryKey);

            -- Events that are acknowledged, until the event store has them: one row a commit
            CREATE TABLE exposure_outbox (
                id \(SQL.identity),
                first_exposure_id TEXT NOT NULL,
                events TEXT NOT NULL
            );
            """)

    /// How much experiences are visited.
    public static let traffic = SchemaChange(
        script: """
            -- How many visitors have seen an experience, and how often goals were reached in it
            CREATE TABLE experience_traffic (
                experience_id INTEGER PRIMARY KEY REFERENCES resources (id) ON DELETE CASCADE,
                project_id INTEGER NOT NULL,
                visitors INTEGER NOT NULL,
                conversions INTEGER NOT NULL
            );
            CREATE INDEX experience_traffic_by_project ON experience_traffic (project_id);

            -- Visitors of before are known; what they did is in the event store only
            INSERT INTO experience_traffic (experience_id, project_id, visitors, conversions)
            SELECT resources.id, resources.project_id, count(*), 0
            FROM visitors, \(SQL.members(of: "visitors.buckets")) AS bucket
            JOIN resources ON resources.id = CAST(bucket.key AS INTEGER)
                AND resources.project_id = visitors.project_id
            GROUP BY resources.id;
            """)

    /// Goals of experiments that product events reach.
    public static let productGoals = SchemaChange(
        script: """
            -- The visitors of experiments that a user is, as identify calls say
            CREATE TABLE joined_visitors (
                environment_id INTEGER NOT NULL REFERENCES environments (id) ON DELETE CASCADE,
                user_id TEXT NOT NULL,
                visitor_id TEXT NOT NULL,
                joined_at INTEGER NOT NULL,
                PRIMARY KEY (environment_id, user_id, visitor_id)
            ) \(SQL.keyedByPrimaryKey);

            -- Reached, and not yet counted for experiences: in the order of the events
            CREATE TABLE reached_goals (
                id \(SQL.identity),
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
            """)

    /// Which goals visitors have reached.
    public static let visitorGoals = SchemaChange(
        script: """
            -- As a JSON object, goal to an array: 0 for a conversion that was sent, 1 for one that a transaction implied and
            -- that may still be sent; then the experiences that it counted for
            ALTER TABLE visitors ADD COLUMN goals TEXT NOT NULL DEFAULT '{}';
            """)

    /// Whom accounts test.
    public static let testedVisitors = SchemaChange(
        script: """
            -- The start of the last billing cycle that the visitor was counted in
            ALTER TABLE visitors ADD COLUMN tested_in INTEGER;

            -- How many visitors were tested, and how many of them the program knows: a row for each project and cycle, and one with
            -- the project 0 for all of the account
            CREATE TABLE tested_usage (
                account_id INTEGER NOT NULL,
                cycle_start INTEGER NOT NULL,
                project_id INTEGER NOT NULL,
                visitors INTEGER NOT NULL,
                users INTEGER NOT NULL,
                PRIMARY KEY (account_id, cycle_start, project_id)
            ) \(SQL.keyedByPrimaryKey);
            """)

    /// Visitors go after their project, by a job.
    public static let looseVisitors = SchemaChange.loosening("visitors", "tracked_transactions", from: "projects")

    /// Which visitors users are goes after their environment.
    public static let looseJoins = SchemaChange.loosening("joined_visitors", from: "environments")
}
