public import ControlStore

/// Reads an account's projects.
public struct ProjectStore: Sendable {
    private let store: ControlStore

    public init(store: ControlStore) {
        self.store = store
    }

    /// Nil when the account has no such project.
    public func project(_ id: Int64, accountID: Int64) async throws -> Project? {
        try await store.read { database in
            try database.row(
                sql: "SELECT * FROM projects WHERE id = ? AND account_id = ?", arguments: [id, accountID]
            ).flatMap(Project.init(row:))
        }
    }
}
