package import ControlStore
package import Time

/// What other rooms ask of projects and change of them, inside transactions of their own.
extension Project {
    /// Nil for a type that this version does not know.
    package init?(row: Row) throws {
        guard let type = try ProjectType(rawValue: row.read("type")) else { return nil }
        try self.init(
            id: row.read("id"), accountID: row.read("account_id"),
            name: row.read("name"), type: type, createdAt: row.read("created_at"))
    }

    /// One project by its id, of any account: for the server's own work.
    package static func fetch(_ id: Int64, from database: Database) throws -> Project? {
        // The settings may be large.
        try database.row(
            prepared: "SELECT id, account_id, name, type, created_at FROM projects WHERE id = ?",
            arguments: [id]
        ).flatMap(Project.init(row:))
    }

    /// The projects of an account, oldest first.
    package static func fetchAll(accountID: Int64, from database: Database) throws -> [Project] {
        try database.rows(
            prepared: "SELECT id, account_id, name, type, created_at FROM projects WHERE account_id = ? ORDER BY id",
            arguments: [accountID]
        ).readable("project", Project.init(row:))
    }

    /// Counts a change of a project, or of anything in it: what is served is read anew.
    package static func raiseRevision(of id: Int64, at now: Timestamp, in database: Database) throws {
        try database.execute(
            prepared: "UPDATE projects SET revision = revision + 1, updated_at = ? WHERE id = ?", arguments: [now, id])
    }

    /// The same for all projects of an account, none of which was changed itself.
    package static func raiseRevisions(accountID: Int64, in database: Database) throws {
        try database.execute(
            prepared: "UPDATE projects SET revision = revision + 1 WHERE account_id = ?", arguments: [accountID])
    }

    package static func rename(_ id: Int64, to name: String, in database: Database) throws {
        try database.execute(
            prepared: "UPDATE projects SET name = ?, search_text = ? WHERE id = ?",
            arguments: [name, name.lowercased(), id])
    }

    /// - Parameter settings: a JSON object.
    package static func store(
        settings: String, status: String, of id: Int64, at now: Timestamp, in database: Database
    ) throws {
        try database.execute(
            prepared: "UPDATE projects SET document = ?, status = ?, updated_at = ? WHERE id = ?",
            arguments: [settings, status, now, id])
    }

    /// Deletes a project and all that hangs on its row.
    package static func delete(_ id: Int64, in database: Database) throws {
        try database.execute(prepared: "DELETE FROM projects WHERE id = ?", arguments: [id])
    }

    /// Goes up with every change of the project or of anything in it; nil when there is no such project.
    package static func revision(of id: Int64, in database: Database) throws -> Int64? {
        try database.value(Int64.self, prepared: "SELECT revision FROM projects WHERE id = ?", arguments: [id])
    }

    /// The settings as they are stored, a JSON object; nil when there is no such project.
    package static func settings(of id: Int64, in database: Database) throws -> String? {
        try database.value(String.self, prepared: "SELECT document FROM projects WHERE id = ?", arguments: [id])
    }

    /// The settings of all projects that have a number above 0 in any of these members, by the project's id.
    /// - Parameter members: paths into the settings, such as `reporting_settings.max_running_time`.
    package static func settings(withAnyOf members: [String], in database: Database) throws -> [Int64: String] {
        let conditions = members.map { "ifnull(\(SQL.member($0)) > 0, FALSE)" }.joined(separator: " OR ")
        let rows = try database.rows(
            sql: "SELECT id, document FROM projects WHERE iif(\(SQL.isJSON("document")), \(conditions), FALSE)")
        let settings = rows.readable("project") { row -> (Int64, String) in
            try (row.read("id"), row.read("document"))
        }
        return Dictionary(settings) { first, _ in first }
    }

    /// What a staged change of an account's project needs of accounts, projects and environments.
    /// - Parameter id: nil for a project that the change makes.
    package static func stagedTables(accountID: Int64, id: Int64?) -> [StagedTable] {
        [
            // With the one that it belongs to, whose plan it has.
            StagedTable(
                "accounts", .seen,
                where: "id = \(accountID) OR id IN (SELECT parent_id FROM control.accounts WHERE id = \(accountID))"),
            StagedTable("projects", .numbered, where: id.map { "id = \($0)" }),
            StagedTable("environments", .numbered, where: id.map { "project_id = \($0)" }),
        ]
    }
}
