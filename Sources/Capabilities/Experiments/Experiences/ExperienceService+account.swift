import ControlStore
import Identity
public import JSON
public import Resources

extension ExperienceService {
    /// The active and completed experiences of an account (contract operation
    /// `getAccountActiveCompletedExperiencesList`).
    /// - Parameter projectIDs: only these projects; nil for all of the account's.
    public func list(accountID: Int64, projectIDs: Set<Int64>?, _ body: JSONObject) async throws -> ListPage {
        var body = body
        body["status"] = ["active", "completed"]
        let request = ListRequest(body)
        let wanted = body["projects"]?.array?.compactMap(\.int64) ?? []
        let projects = try await resources.store.read { database in
            try Project.fetchAll(accountID: accountID, from: database)
        }.filter { (projectIDs?.contains($0.id) ?? true) && (wanted.isEmpty || wanted.contains($0.id)) }
        var traffic: [Int64: ExperienceTraffic] = [:]
        if request.include.contains("alerts") {
            for project in projects {
                let counts = try await resources.activity.experiences.experienceTraffic(projectID: project.id)
                traffic.merge(counts) { $1 }
            }
        }
        return try await resources.store.read { [traffic] database in
            let query = ListQuery(.experiences, request, projectIDs: projects.map(\.id), conversions: [:])
            var items: [JSONValue]?
            if !request.onlyCount {
                let results = try query.sortedResult.map {
                    try resources.activity.results.sorted(
                        $0, projectIDs: projects.map(\.id), goal: request.goalID, in: database)
                }
                items = try query.ids(database, results: results ?? [:]).flatMap { id in
                    let projectID = try database.value(
                        Int64.self, sql: "SELECT project_id FROM resources WHERE id = ?", arguments: [id])
                    guard let project = projects.first(where: { $0.id == projectID }) else { return [JSONValue]() }
                    let view = ResourceView(
                        .experiences, of: resources.descriptions, project: project, include: request.include,
                        expand: request.expand, traffic: traffic, screenshots: resources.activity.screenshots,
                        results: resources.activity.results, goalID: request.goalID)
                    return try view.show([id], from: database)
                }
            }
            return ListPage(
                items: items, page: request.page, itemsCount: try query.count(database),
                itemsPerPage: request.resultsPerPage)
        }
    }
}
