import GRDB

/// Transactions of goals count once.
enum TrackedTransactions {
    /// Whether a transaction counts for the first time, which from now on it has. One of a project that is gone does not.
    static func isNew(_ transactionID: String, goalID: Int64, projectID: Int64, in database: Database) throws -> Bool {
        try database.cachedStatement(
            sql: """
                INSERT OR IGNORE INTO tracked_transactions (project_id, goal_id, transaction_id)
                SELECT id, ?2, ?3 FROM projects WHERE id = ?1
                """
        ).execute(arguments: [projectID, goalID, transactionID])
        return database.changesCount > 0
    }
}
