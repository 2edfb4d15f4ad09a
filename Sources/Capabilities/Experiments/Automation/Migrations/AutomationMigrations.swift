public import ControlStore

/// The tables of this room, one change for each version of the schema that has touched them.
public enum AutomationMigrations {
    /// How experiences stand, and what was decided by it.
    public static let results = SchemaChange(
        script: """
            -- One row for each goal of an experience
            CREATE TABLE experience_results (
                experience_id INTEGER NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
                goal_id INTEGER NOT NULL,
                project_id INTEGER NOT NULL,
                is_primary INTEGER NOT NULL CHECK (is_primary IN (0, 1)),
                conversions INTEGER NOT NULL,
                -- percent; null while there is nothing to compare with
                improvement REAL,
                -- what lists show, as a JSON object
                shown TEXT NOT NULL,
                PRIMARY KEY (experience_id, goal_id)
            ) \(SQL.keyedByPrimaryKey);
            CREATE INDEX experience_results_by_project ON experience_results (project_id, goal_id);

            CREATE TABLE experience_evaluations (
                experience_id INTEGER PRIMARY KEY REFERENCES resources (id) ON DELETE CASCADE,
                project_id INTEGER NOT NULL,
                evaluated_at INTEGER NOT NULL,
                -- the traffic by then: results of as much are still true
                visitors INTEGER NOT NULL,
                conversions INTEGER NOT NULL,
                -- what was decided, and why, as a JSON object
                decision TEXT NOT NULL,
                -- when a test of a fixed number of visitors was decided without a result; from then on it is looked at as a
                -- sequential one
                horizon_passed_at INTEGER,
                -- when new visitors were shared out anew
                reallocated_at INTEGER
            );
            CREATE INDEX experience_evaluations_by_project ON experience_evaluations (project_id);
            """)

    /// What evaluations were made of, besides traffic.
    public static let basis = SchemaChange(
        script: """
            -- a digest of the experience and of its project's reporting settings; null: to be looked at anew
            ALTER TABLE experience_evaluations ADD COLUMN basis TEXT;
            """)

    /// When evaluations are to be made again without anybody's doing.
    public static let dueTimes = SchemaChange(
        script: """
            ALTER TABLE experience_evaluations ADD COLUMN due_at INTEGER;
            CREATE INDEX experience_evaluations_by_time ON experience_evaluations (due_at) WHERE due_at IS NOT NULL;
            """)

    /// What was told of an experience need not be told again.
    public static let findings = SchemaChange(
        script: """
            -- what was announced of it since its report was begun: names of findings, parted by spaces
            ALTER TABLE experience_evaluations ADD COLUMN announced TEXT NOT NULL DEFAULT '';
            """)
}
