package import ControlStore
public import Identity
public import JSON
public import Resources
package import Time

/// An account's projects: their settings, environments, domains and defaults.
public struct ProjectService: Sendable {
    let store: ControlStore
    let masterKey: MasterKey
    let resources: ResourceService
    let clock: WallClock
    let contents: any EnvironmentRemovalScheduling
    let keys: any ProjectKeys
    let plans: AccountPlans

    /// - Parameters:
    ///   - contents: removes what is stored elsewhere of environments and projects.
    ///   - keys: those that open projects.
    ///   - plans: what accounts may have.
    package init(
        store: ControlStore, masterKey: MasterKey, resources: ResourceService, clock: WallClock,
        contents: any EnvironmentRemovalScheduling, keys: any ProjectKeys, plans: AccountPlans = AccountPlans()
    ) {
        self.store = store
        self.masterKey = masterKey
        self.resources = resources
        self.clock = clock
        self.contents = contents
        self.keys = keys
        self.plans = plans
    }

    /// What answers about projects hold besides what they always hold.
    public struct Options: Sendable {
        let include: Set<String>
        let expand: Set<String>
        /// Where tracking scripts are fetched from.
        let baseURL: String
        /// What the caller may do in the account; nil where that is not told.
        let accesses: Accesses?

        public init(include: Set<String>, expand: Set<String>, baseURL: String, accesses: Accesses? = nil) {
            self.include = include
            self.expand = expand
            self.baseURL = baseURL
            self.accesses = accesses
        }
    }

    private static let sorts = [
        "id": "id", "project_name": SQL.ignoringCase("name"), "project_type": "type", "status": "status",
        "active_tests": ResourceCount(.experience, status: "active").sql(of: "projects.id"),
        // Nothing is tested before the serving interface is there: the order of creation decides.
        "used_visitors": "id",
    ]

    /// A page of an account's projects.
    /// - Parameter projectIDs: only these; nil for all.
    public func list(
        accountID: Int64, projectIDs: Set<Int64>?, _ request: ListRequest, _ options: Options
    ) async throws -> ListPage {
        var conditions = ["account_id = :account"]
        var arguments: Arguments = ["account": accountID]
        func restrict(_ expression: String, to list: JSONValue, as name: String, not: String = "") {
            conditions.append("\(expression) \(not) IN \(SQL.list(":\(name)"))")
            arguments += [name: ListArgument(list)]
        }
        if let projectIDs { restrict("id", to: JSONValue(projectIDs.sorted()), as: "allowed") }
        if !request.only.isEmpty { restrict("id", to: JSONValue(request.only), as: "only") }
        if !request.except.isEmpty { restrict("id", to: JSONValue(request.except), as: "except", not: "NOT") }
        for (member, expression) in [
            ("status", "status"), ("project_type", "type"),
            (
                "tracking_script_release_type",
                "ifnull(\(SQL.member("settings.tracking_script.release.type")), 'manual')"
            ),
        ] {
            guard let values = request.members[member]?.array, !values.isEmpty else { continue }
            restrict(expression, to: .array(values), as: member)
        }
        if let legacy = request.members["legacy_script"]?.bool {
            conditions.append("ifnull(\(SQL.member("settings.legacy_script")), 0) = :legacy")
            arguments += ["legacy": legacy]
        }
        let version = SQL.member("settings.tracking_script.current_version")
        for (member, comparison) in [("is", "IS"), ("isNot", "IS NOT")] {
            guard let wanted = request.members["tracking_script_version"]?[member]?.string else { continue }
            conditions.append("\(version) \(comparison) :version_\(member)")
            arguments += ["version_\(member)": wanted]
        }
        if !request.search.isEmpty {
            conditions.append("instr(search_text, :search) > 0")
            arguments += ["search": request.search.lowercased()]
        }
        let condition = conditions.joined(separator: " AND ")
        let table = projectIDs == nil && request.only.isEmpty ? "projects" : SQL.byIDs("projects")
        let direction = request.isDescending ? "DESC" : "ASC"
        let sort = Self.sorts[request.sortBy ?? "id"] ?? "id"
        let (offset, isTooFar) = (max(request.page, 1) - 1).multipliedReportingOverflow(by: request.resultsPerPage)
        arguments += ["limit": request.resultsPerPage, "offset": isTooFar ? Int.max : offset]
        let now = clock.now
        return try await store.read { [arguments] database in
            var items: [JSONValue]?
            if !request.onlyCount {
                let rows = try database.rows(
                    sql: """
                        SELECT * FROM \(table) WHERE \(condition) ORDER BY \(sort) \(direction), id \(direction)
                        LIMIT :limit OFFSET :offset
                        """,
                    arguments: arguments)
                let view = ProjectView(options: options, plans: plans, now: now)
                items = try rows.map { try view.show($0, from: database) }
            }
            let count = try database.value(
                Int.self, sql: "SELECT count(*) FROM \(table) WHERE \(condition)", arguments: arguments)
            return ListPage(
                items: items, page: request.page, itemsCount: count ?? 0, itemsPerPage: request.resultsPerPage)
        }
    }

    /// - Throws: ``ExperimentsError/notFound(_:)``.
    public func get(_ project: Project, _ options: Options) async throws -> JSONValue {
        try await store.read { try show(project.id, options, in: $0) }
    }

    func show(_ id: Int64, _ options: Options, in database: Database) throws -> JSONValue {
        guard let row = try database.row(sql: "SELECT * FROM projects WHERE id = ?", arguments: [id]) else {
            throw ExperimentsError.notFound("There is no project \(id) in this account.")
        }
        return try ProjectView(options: options, plans: plans, now: clock.now).show(row, from: database)
    }
}
