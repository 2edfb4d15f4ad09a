import ControlStore
import GRDB

/// Transactions of goals count once.
enum TrackedTransactions {
    /// Whether a transaction counts for the first time, which from now on it has. One of a project that is gone does not.
    static func isNew(_ transactionID: String, goalID: Int64, projectID: Int64, in database: Database) throws -> Bool {
        let isOfProject = try database.executeUnlessOrphaned(
            sql: "INSERT OR IGNORE INTO tracked_transactions (project_id, goal_id, transaction_id) VALUES (?, ?, ?)",
            arguments: [projectID, goalID, transactionID])
        return isOfProject && database.changesCount > 0
    }
}
