import ControlStore
package import Identity
import JSON

extension ResourceService {
    /// Where a resource is, for callers who name it alone.
    /// - Parameter projectIDs: only these projects; nil for all of the account's.
    /// - Throws: ``ExperimentsError/notFound(_:)`` for one that is not there, or not in these projects.
    package func project(
        of kind: ResourceKind, _ id: Int64, accountID: Int64, projectIDs: Set<Int64>?
    ) async throws -> Project {
        let project = try await store.read { database in
            try database.value(
                Int64.self, sql: "SELECT project_id FROM resources WHERE id = ? AND kind = ?",
                arguments: [id, kind.rawValue]
            ).flatMap { try Project.fetch($0, from: database) }
        }
        guard let project, project.accountID == accountID, projectIDs?.contains(project.id) ?? true else {
            throw ExperimentsError.notFound("There is no \(kind.noun) \(id), or not for this key.")
        }
        return project
    }

    /// The names of the project's resources of a kind, by their ids; those that are not there are left out.
    package func names(of kind: ResourceKind, _ ids: [Int64], _ scope: ResourceScope) async throws -> [Int64: String] {
        try await store.read { database in
            let rows = try database.rows(
                sql: """
                    SELECT id, name FROM \(SQL.byIDs("resources"))
                    WHERE id IN \(SQL.list("?")) AND project_id = ? AND kind = ?
                    """,
                arguments: [ListArgument(ids), scope.project.id, kind.rawValue])
            return try Dictionary(rows.map { try ($0.read("id"), $0.read("name")) }) { first, _ in
                first
            }
        }
    }
}
