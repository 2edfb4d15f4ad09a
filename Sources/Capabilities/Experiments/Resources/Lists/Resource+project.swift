package import ControlStore
package import Time

/// What is asked of all resources of a project.
extension Resource {
    /// Whole, oldest first: for kinds of which a project has few.
    package static func fetchAll(_ kind: ResourceKind, projectID: Int64, from database: Database) throws -> [Resource] {
        try database.rows(
            sql: "SELECT * FROM resources WHERE project_id = ? AND kind = ? ORDER BY id",
            arguments: [projectID, kind.rawValue]
        ).map { try Resource(row: $0) }
    }

    /// In no order.
    package static func ids(_ kind: ResourceKind, projectID: Int64, from database: Database) throws -> [Int64] {
        try database.values(
            Int64.self, sql: "SELECT id FROM resources WHERE project_id = ? AND kind = ?",
            arguments: [projectID, kind.rawValue])
    }

    /// When each was made, in Unix seconds, by its id.
    package static func creationTimes(
        _ kind: ResourceKind, projectID: Int64, from database: Database
    ) throws -> [Int64: Int64] {
        let times = try database.rows(
            sql: "SELECT id, created_at FROM resources WHERE project_id = ? AND kind = ?",
            arguments: [projectID, kind.rawValue]
        ).map { row in try (row.read("id", as: Int64.self), row.read("created_at", as: Timestamp.self).seconds) }
        return Dictionary(times) { first, _ in first }
    }

    /// Those that new experiences start with, oldest first.
    package static func defaults(
        _ kind: ResourceKind, projectID: Int64, from database: Database
    ) throws -> [(id: Int64, name: String)] {
        try database.rows(
            sql: """
                SELECT id, name FROM resources
                WHERE project_id = ? AND kind = ? AND \(SQL.member("selected_default")) ORDER BY id
                """,
            arguments: [projectID, kind.rawValue]
        ).map { try ($0.read("id"), $0.read("name")) }
    }

    /// The archived ones that were changed last at or after a moment.
    package static func archivedIDs(
        _ kind: ResourceKind, projectID: Int64, since: Timestamp, from database: Database
    ) throws -> [Int64] {
        try database.values(
            Int64.self,
            sql: """
                SELECT id FROM resources
                WHERE project_id = ? AND kind = ? AND status = 'archived' AND updated_at >= ?
                """,
            arguments: [projectID, kind.rawValue, since])
    }

    /// What a staged change of a project needs of its resources and their history.
    /// - Parameter projectID: nil for a project that the change makes.
    package static func stagedTables(projectID: Int64?) -> [StagedTable] {
        [
            StagedTable("resources", .numbered, where: projectID.map { "project_id = \($0)" }),
            StagedTable("resource_references", .parts(of: "resources", column: "resource_id")),
            StagedTable("named_experience_keys", .parts(of: "resources", column: "resource_id")),
            StagedTable("changes", .numbered),
        ]
    }
}
