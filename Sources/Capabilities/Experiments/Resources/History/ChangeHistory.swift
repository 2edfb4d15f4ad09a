public import ControlStore
public import Identity
import JSON
public import Time

/// Who changed what and when, newest first unless asked otherwise.
public struct ChangeHistory: Sendable {
    let store: ControlStore
    let clock: WallClock

    public init(store: ControlStore, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// The changes of an account (contract operation `getAccountHistory`).
    /// - Parameters:
    ///   - projectIDs: only these projects; nil for all, and for what belongs to none.
    ///   - hidden: a kind of things whose changes are not for who asks, such as `collaborator`; nil for none.
    public func list(
        accountID: Int64, projectIDs: Set<Int64>?, hiding hidden: String? = nil, _ request: ListRequest
    ) async throws -> ListPage {
        var conditions = ["changes.account_id = :account"]
        var arguments: Arguments = ["account": accountID]
        if let hidden {
            conditions.append("object <> :hidden")
            arguments += ["hidden": hidden]
        }
        if let projectIDs {
            conditions.append("project_id IN \(SQL.list(":allowed"))")
            arguments += ["allowed": ListArgument(projectIDs.sorted())]
        }
        return try await list(conditions, arguments, request)
    }

    /// The changes of a project (contract operation `getProjectHistory`).
    public func list(_ project: Project, _ request: ListRequest) async throws -> ListPage {
        try await list(
            ["changes.account_id = :account", "project_id = :project"],
            ["account": project.accountID, "project": project.id], request)
    }

    /// The changes of an experience with its variations and their changes (contract operation `getExperienceHistory`).
    public func list(_ project: Project, experienceID: Int64, _ request: ListRequest) async throws -> ListPage {
        var conditions = ["changes.account_id = :account", "project_id = :project"]
        var arguments: Arguments = [
            "account": project.accountID, "project": project.id, "experience": experienceID,
        ]
        if let author = request.members["author_id"]?.string {
            conditions.append("author = :author_id")
            arguments += ["author_id": author]
        }
        let changes = """
            SELECT id FROM changes WHERE object = 'experience' AND object_id = :experience
            UNION ALL SELECT id FROM changes WHERE parent_object_id = :experience
            """
        return try await list(conditions, arguments, only: changes, request)
    }

    private static let sorts = [
        "timestamp": "changes.id", "project_id": "project_id", "event": "event", "object": "object",
        "object_id": "object_id",
    ]

    /// The members of a request that name resources of one kind each.
    private static let objectFilters: [(member: String, object: String)] = [
        ("audiences", "audience"), ("goals", "goal"), ("locations", "location"), ("hypotheses", "hypothesis"),
        ("domains", "domain"), ("tags", "tag"), ("experiences", "experience"), ("variations", "variation"),
        ("changes", "change"),
    ]

    /// - Parameter only: a query of the ids of the changes that may be shown; nil when all may that the conditions allow.
    private func list(
        _ scope: [String], _ scopeArguments: Arguments, only: String? = nil, _ request: ListRequest
    ) async throws -> ListPage {
        var conditions = scope
        var arguments = scopeArguments
        for (member, column) in [("methods", "method"), ("projects", "project_id"), ("objects", "object")] {
            guard let values = request.members[member]?.array, !values.isEmpty else { continue }
            conditions.append("\(column) IN \(SQL.list(":\(member)"))")
            arguments += [member: ListArgument(.array(values))]
        }
        // Several of these widen what is shown: changes of these goals, and of those audiences.
        var alternatives: [String] = []
        for (member, object) in Self.objectFilters {
            guard let ids = request.members[member]?.array, !ids.isEmpty else { continue }
            alternatives.append(
                """
                SELECT id FROM changes WHERE object = '\(object)' AND object_id IN \(SQL.list(":\(member)"))
                """)
            arguments += [member: ListArgument(.array(ids))]
        }
        let ids = [only, alternatives.isEmpty ? nil : alternatives.joined(separator: " UNION ALL ")].compactMap { $0 }
        conditions += ids.map { "changes.id IN (\($0))" }
        // Left to itself, SQLite reads all changes of the project or the account, though it has their ids.
        let table = ids.isEmpty ? "changes" : SQL.byIDs("changes")
        let condition = conditions.joined(separator: " AND ")
        let direction = request.isDescending ? "DESC" : "ASC"
        let sort = Self.sorts[request.sortBy ?? "timestamp"] ?? "changes.id"
        let (offset, isTooFar) = (max(request.page, 1) - 1).multipliedReportingOverflow(by: request.resultsPerPage)
        arguments += ["limit": request.resultsPerPage, "offset": isTooFar ? Int.max : offset]
        return try await store.read { [conditionArguments = arguments] database in
            let count = try database.value(
                Int.self, sql: "SELECT count(*) FROM \(table) WHERE \(condition)", arguments: conditionArguments)
            var items: [JSONValue]?
            if !request.onlyCount {
                var names = ProjectNames(isAsked: request.expand.contains("project"))
                items = try database.rows(
                    sql: """
                        SELECT * FROM \(table) WHERE \(condition)
                        ORDER BY \(sort) \(direction), changes.id \(direction) LIMIT :limit OFFSET :offset
                        """,
                    arguments: conditionArguments
                ).map { try Self.show($0, &names, from: database) }
            }
            return ListPage(
                items: items, page: request.page, itemsCount: count ?? 0, itemsPerPage: request.resultsPerPage)
        }
    }

    private static func show(_ row: Row, _ names: inout ProjectNames, from database: Database) throws -> JSONValue {
        func json(_ column: String) throws -> JSONValue {
            try row.read(column, as: String?.self).map { try JSONValue(stored: $0) } ?? .null
        }
        func text(_ column: String) throws -> JSONValue {
            try row.read(column, as: String?.self).map { .string($0) } ?? .null
        }
        func id(_ column: String) throws -> JSONValue {
            try row.read(column, as: Int64?.self).map { .string("\($0)") } ?? .null
        }
        let projectID = try row.read("project_id", as: Int64?.self)
        var project = projectID.map { JSONValue.integer($0) } ?? .null
        if let projectID, let name = try names.name(of: projectID, from: database) {
            project = ["id": .integer(projectID), "name": .string(name)]
        }
        let author: String = try row.read("author")
        let event: String = try row.read("event")
        let timestamp: Timestamp = try row.read("created_at")
        return [
            "event": .string(event), "changes": ["old": try json("old"), "new": try json("new")],
            "method": try text("method"), "object": try text("object"), "object_id": try id("object_id"),
            "parent_object_id": try id("parent_object_id"), "user": .string(author),
            "timestamp": .integer(timestamp.seconds), "request_id": try text("request_id"), "project": project,
        ]
    }
}

/// The names of the projects on a page, each looked up once.
private struct ProjectNames {
    let isAsked: Bool
    private var known: [Int64: String?] = [:]

    init(isAsked: Bool) {
        self.isAsked = isAsked
    }

    /// Nil for a project that is gone, and where names are not asked for.
    mutating func name(of id: Int64, from database: Database) throws -> String? {
        guard isAsked else { return nil }
        if let name = known[id] { return name }
        let name = try Project.fetch(id, from: database)?.name
        known[id] = .some(name)
        return name
    }
}
