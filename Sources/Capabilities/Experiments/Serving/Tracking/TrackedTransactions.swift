import ControlStore

/// Transactions of goals count once.
enum TrackedTransactions {
    /// Whether a transaction counts for the first time, which from now on it has. One of a project that is gone does not.
    static func isNew(_ transactionID: String, goalID: Int64, projectID: Int64, in database: Database) throws -> Bool {
        guard try database.hasProject(projectID) else { return false }
        return try database.execute(
            prepared: """
                INSERT INTO tracked_transactions (project_id, goal_id, transaction_id) VALUES (?, ?, ?)
                ON CONFLICT DO NOTHING
                """,
            arguments: [projectID, goalID, transactionID]) > 0
    }
}
