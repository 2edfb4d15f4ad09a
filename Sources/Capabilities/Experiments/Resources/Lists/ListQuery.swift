package import ControlStore
import JSON

/// The statements of one list call: which resources, in which order.
package struct ListQuery {
    let description: ResourceDescription
    let request: ListRequest
    private var conditions = ["resources.kind = :kind"]
    /// Whether the conditions name the resources by their ids.
    private var namesIDs = false
    private(set) var arguments: Arguments

    package init(
        _ description: ResourceDescription, _ request: ListRequest, projectIDs: [Int64], conversions: [Int64: Int]
    ) {
        self.description = description
        self.request = request
        arguments = ["kind": description.kind.rawValue]
        if projectIDs.count == 1 {
            conditions.append("resources.project_id = :project")
            arguments += ["project": projectIDs[0]]
        } else {
            conditions.append("resources.project_id IN \(SQL.list(":projects"))")
            arguments += ["projects": ListArgument(projectIDs)]
        }
        if !request.only.isEmpty { addIDs(list: JSONValue(request.only), as: "only") }
        if !request.except.isEmpty { add("resources.id NOT IN", list: JSONValue(request.except), as: "except") }
        let search = request.search.lowercased()
        if !search.isEmpty {
            // Not LIKE: what people type is no pattern.
            conditions.append("instr(resources.search_text, :search) > 0")
            arguments += ["search": search]
        }
        for filter in description.filters { add(filter) }
        if description.needsConversions(request) { arguments += ["conversions": Self.object(conversions)] }
    }

    private static func object(_ results: [Int64: Double]) -> JSONValue {
        .object(JSONObject(results.map { ("\($0.key)", .double($0.value)) }))
    }

    /// As a JSON object, to be looked up by ids.
    static func object(_ conversions: [Int64: Int]) -> String {
        JSONValue.object(JSONObject(conversions.map { ("\($0.key)", .integer(Int64($0.value))) })).encodedString
    }

    /// What the order asks for is known of the results of experiences; nil where it is not of them.
    package var sortedResult: ExperienceResultSort? {
        if case .result(let sort) = description.sorts[request.sortBy ?? description.defaultSort] { sort } else { nil }
    }

    /// How many resources there are on all pages.
    package func count(_ database: Database) throws -> Int {
        try database.value(
            Int.self, sql: "SELECT count(*) FROM \(table) WHERE \(condition)", arguments: arguments) ?? 0
    }

    /// The ids of one page. Ids alone are sorted, so that a far page costs no reading of documents that it skips.
    /// - Parameter results: what ``sortedResult`` asks for, by resource.
    package func ids(_ database: Database, results: [Int64: Double] = [:]) throws -> [Int64] {
        let expression = description.sorts[request.sortBy ?? description.defaultSort]?.sql ?? "resources.id"
        let direction = request.isDescending ? "DESC" : "ASC"
        let (offset, isTooFar) = (max(request.page, 1) - 1).multipliedReportingOverflow(by: request.resultsPerPage)
        if isTooFar { return [] }
        var arguments = arguments
        if sortedResult != nil { arguments += ["results": ListArgument(Self.object(results))] }
        return try database.values(
            Int64.self,
            sql: """
                SELECT resources.id FROM \(table) WHERE \(condition)
                ORDER BY \(expression) \(direction) NULLS LAST, resources.id \(direction) LIMIT :limit OFFSET :offset
                """,
            arguments: arguments + ["limit": request.resultsPerPage, "offset": offset])
    }

    private mutating func add(_ filter: ResourceDescription.Filter) {
        switch filter {
        case .oneOf(let name, let expression):
            guard let value = request.members[name], let list = Self.list(value) else { return }
            add("\(expression.sql) IN", list: list, as: name)
        case .flag(let name, let field):
            guard let value = request.members[name]?.bool else { return }
            conditions.append("ifnull(\(SQL.member("\(field)", of: "resources.document")), 0) = :\(name)")
            arguments += [name: value]
        case .usage:
            guard let usage = request.members["usage"]?.string else { return }
            let count = ResourceDescription.Expression.experiences(where: "TRUE")
            conditions.append("\(count) \(usage == "used" ? ">" : "=") 0")
        case .tracking:
            guard let tracking = request.members["tracking"]?.string else { return }
            conditions.append(
                "\(ResourceDescription.Expression.conversions.sql) \(tracking == "tracked" ? ">" : "=") 0")
        case .experiences:
            guard let ids = request.members["experiences"], let list = Self.list(ids) else { return }
            addIDs(
                """
                SELECT r.target_id FROM resource_references r JOIN resources e ON e.id = r.resource_id
                WHERE e.kind = 'experience' AND r.resource_id IN
                """, list: list, as: "experiences")
        case .references(let field):
            guard let ids = request.members[field], let list = Self.list(ids) else { return }
            addIDs(
                "SELECT resource_id FROM resource_references WHERE field = '\(field)' AND target_id IN",
                list: list, as: field)
        case .namedBy(let name, let field):
            guard let ids = request.members[name], let list = Self.list(ids) else { return }
            addIDs(
                "SELECT target_id FROM resource_references WHERE field = '\(field)' AND resource_id IN",
                list: list, as: name)
        case .range(let minimum, let maximum, let field):
            let number = ResourceDescription.Expression.number(field).sql
            for (name, comparison) in [(minimum, ">="), (maximum, "<=")] {
                guard let bound = request.members[name]?.double else { continue }
                conditions.append("ifnull(\(number), 0) \(comparison) :\(name)")
                arguments += [name: bound]
            }
        }
    }

    /// - Parameter query: ends where the list comes, and finds ids; nil when the list is of ids.
    private mutating func addIDs(_ query: String? = nil, list: JSONValue, as name: String) {
        namesIDs = true
        guard let query else { return add("resources.id IN", list: list, as: name) }
        add("resources.id IN (\(query)", list: list, as: name, closing: ")")
    }

    private mutating func add(_ comparison: String, list: JSONValue, as name: String, closing: String = "") {
        conditions.append("\(comparison) \(SQL.list(":\(name)"))\(closing)")
        arguments += [name: ListArgument(list)]
    }

    /// The values to compare with; nil, for no restriction, when there are none.
    private static func list(_ value: JSONValue) -> JSONValue? {
        switch value {
        case .null, .array([]): Optional.none
        case .array: value
        default: .array([value])
        }
    }

    /// Left to itself, SQLite takes an index and reads every resource of the project, though it has their ids.
    private var table: String { namesIDs ? SQL.byIDs("resources") : "resources" }

    private var condition: String { conditions.joined(separator: " AND ") }
}
