package import ControlStore
import JSON

/// How many resources of a kind there are.
package struct ResourceCount {
    private let condition: String

    /// Which types count. Types are names of our own.
    package enum TypeFilter {
        case only(String)
        case allBut(String)
    }

    /// - Parameters:
    ///   - status: nil for any.
    ///   - types: nil for all.
    package init(_ kind: ResourceKind, status: String? = nil, types: TypeFilter? = nil) {
        var condition = "kind = '\(kind.rawValue)'"
        if let status { condition += " AND status = '\(status)'" }
        switch types {
        case .only(let type): condition += " AND \(SQL.member("type")) = '\(type)'"
        case .allBut(let type): condition += " AND \(SQL.member("type")) IS NOT '\(type)'"
        case nil: break
        }
        self.condition = condition
    }

    /// In these projects together.
    package func total(in projectIDs: [Int64], from database: Database) throws -> Int64 {
        try database.value(
            Int64.self,
            sql: "SELECT count(*) FROM resources WHERE project_id IN \(SQL.list("?")) AND \(condition)",
            arguments: [ListArgument(projectIDs)]) ?? 0
    }

    /// The same, each name once.
    package func names(in projectIDs: [Int64], from database: Database) throws -> Int64 {
        try database.value(
            Int64.self,
            sql: """
                SELECT count(DISTINCT name) FROM resources
                WHERE project_id IN \(SQL.list("?")) AND \(condition)
                """,
            arguments: [ListArgument(projectIDs)]) ?? 0
    }

    /// The number in SQL, for lists of projects that are sorted by it.
    /// - Parameter project: an expression whose value is the project's id.
    package func sql(of project: String) -> String {
        "(SELECT count(*) FROM resources WHERE project_id = \(project) AND \(condition))"
    }
}
