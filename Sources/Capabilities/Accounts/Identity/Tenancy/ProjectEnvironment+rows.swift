package import ControlStore
import Time

/// What other rooms ask of environments and change of them, inside transactions of their own.
extension ProjectEnvironment {
    init(row: Row) throws {
        try self.init(
            id: row.read("id"), projectID: row.read("project_id"),
            appToken: row.read("app_token"), name: row.read("name"),
            isDefault: row.read("is_default"), createdAt: row.read("created_at"), label: row.read("label"),
            javaScript: row.read("javascript"))
    }

    /// An environment of the account; nil when it is another account's.
    static func fetch(_ id: Int64, accountID: Int64, from database: Database) throws -> ProjectEnvironment? {
        try database.row(
            prepared: """
                SELECT e.* FROM environments e JOIN projects p ON p.id = e.project_id
                WHERE e.id = ? AND p.account_id = ?
                """,
            arguments: [id, accountID]
        ).map(ProjectEnvironment.init(row:))
    }

    /// The environments of a project, oldest first.
    package static func fetchAll(projectID: Int64, from database: Database) throws -> [ProjectEnvironment] {
        try database.rows(
            prepared: "SELECT * FROM environments WHERE project_id = ? ORDER BY id", arguments: [projectID]
        ).map(ProjectEnvironment.init(row:))
    }

    /// Whether keys that are valid work in the environment alone.
    package func hasKeys(from database: Database) throws -> Bool {
        try database.value(
            Bool.self,
            prepared: "SELECT EXISTS (SELECT 1 FROM api_keys WHERE environment_id = ? AND revoked_at IS NULL)",
            arguments: [id]) ?? false
    }

    /// Deletes an environment and all that hangs on its row.
    package static func delete(_ id: Int64, in database: Database) throws {
        try database.execute(prepared: "DELETE FROM environments WHERE id = ?", arguments: [id])
    }

    /// Leaves a project without a default, until one of its environments is stored as that: the table refuses two at a
    /// time, even for a moment.
    package static func clearDefault(projectID: Int64, in database: Database) throws {
        try database.execute(
            prepared: "UPDATE environments SET is_default = 0 WHERE project_id = ?", arguments: [projectID])
    }

    package static func store(
        label: String?, javaScript: String?, isDefault: Bool, of id: Int64, in database: Database
    ) throws {
        try database.execute(
            prepared: "UPDATE environments SET label = ?, javascript = ?, is_default = ? WHERE id = ?",
            arguments: [label, javaScript, isDefault, id])
    }
}
