public import ControlStore
import GRDB

/// Reads an account's projects.
public struct ProjectStore: Sendable {
    private let store: ControlStore

    public init(store: ControlStore) {
        self.store = store
    }

    /// Nil when the account has no such project.
    public func project(_ id: Int64, accountID: Int64) async throws -> Project? {
        try await store.database.read { database in
            try Row.fetchOne(
                database, sql: "SELECT * FROM projects WHERE id = ? AND account_id = ?", arguments: [id, accountID]
            ).flatMap(Project.init(row:))
        }
    }
}
