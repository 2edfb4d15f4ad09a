package import ControlStore
import Identity
public import JSON
package import Time

/// Serves every kind of resource from its description: list, get, add, update, clone, delete, one or many.
public struct ResourceService: Sendable {
    package let store: ControlStore
    package let clock: WallClock
    package let descriptions: ResourceDescription.Kinds
    package let activity: Activity

    package init(store: ControlStore, clock: WallClock, descriptions: ResourceDescription.Kinds, activity: Activity) {
        self.store = store
        self.clock = clock
        self.descriptions = descriptions
        self.activity = activity
    }

    /// A page of the project's resources of a kind.
    public func list(
        _ description: ResourceDescription, _ request: ListRequest, _ scope: ResourceScope
    ) async throws -> ListPage {
        let project = scope.project
        try description.check(request)
        let conversions =
            description.needsConversions(request) ? try await recentConversions(projectID: project.id) : [:]
        let traffic = try await traffic(description, request.include, project)
        return try await store.read { database in
            let query = ListQuery(description, request, projectIDs: [project.id], conversions: conversions)
            var items: [JSONValue]?
            if !request.onlyCount {
                let view = ResourceView(
                    description, of: descriptions, project: project, include: request.include, expand: request.expand,
                    conversions: conversions, traffic: traffic, screenshots: activity.screenshots,
                    results: activity.results, goalID: request.goalID)
                let results = try query.sortedResult.map {
                    try activity.results.sorted($0, projectIDs: [project.id], goal: request.goalID, in: database)
                }
                items = try view.show(query.ids(database, results: results ?? [:]), from: database)
            }
            return ListPage(
                items: items, page: request.page, itemsCount: try query.count(database),
                itemsPerPage: request.resultsPerPage)
        }
    }

    /// - Parameters:
    ///   - include: optional members to show.
    ///   - expand: references to show in full.
    /// - Throws: ``ExperimentsError/notFound(_:)``.
    public func get(
        _ description: ResourceDescription, _ id: ResourceName, include: Set<String>, expand: Set<String>,
        _ scope: ResourceScope
    ) async throws -> JSONValue {
        let conversions =
            description.needsConversions(include: include)
            ? try await recentConversions(projectID: scope.project.id) : [:]
        let traffic = try await traffic(description, include, scope.project)
        return try await store.read { database in
            let resource = try find(description.kind, id, scope, in: database)
            return try show(
                resource.id, description, scope, include: include, expand: expand, conversions: conversions,
                traffic: traffic, in: database)
        }
    }

    /// The shown resource, every optional member with it.
    package func showWhole(
        _ id: Int64, _ description: ResourceDescription, _ scope: ResourceScope, expand: Set<String> = [],
        in database: Database
    ) throws -> JSONValue {
        try show(id, description, scope, include: description.includable, expand: expand, in: database)
    }

    package func show(
        _ id: Int64, _ description: ResourceDescription, _ scope: ResourceScope, include: Set<String>,
        expand: Set<String>, conversions: [Int64: Int] = [:], traffic: [Int64: ExperienceTraffic] = [:],
        in database: Database
    ) throws -> JSONValue {
        let view = ResourceView(
            description, of: descriptions, project: scope.project, include: include, expand: expand,
            conversions: conversions, traffic: traffic, screenshots: activity.screenshots, results: activity.results)
        guard let shown = try view.show([id], from: database).first else {
            throw ExperimentsError.notFound("There is no \(description.kind.noun) \(id) in this project.")
        }
        return shown
    }

    /// Asked for only where it is shown.
    func traffic(
        _ description: ResourceDescription, _ include: Set<String>, _ project: Project
    ) async throws -> [Int64: ExperienceTraffic] {
        guard description.kind == .experience, include.contains("alerts") else { return [:] }
        return try await activity.experiences.experienceTraffic(projectID: project.id)
    }

    package func find(
        _ kind: ResourceKind, _ name: ResourceName, _ scope: ResourceScope, in database: Database
    ) throws -> Resource {
        let resource =
            switch name {
            case .id(let id): try Resource.fetch(id, kind, projectID: scope.project.id, from: database)
            case .key(let key): try Resource.fetch(key: key, kind, projectID: scope.project.id, from: database)
            }
        guard let resource else {
            throw ExperimentsError.notFound("There is no \(kind.noun) \(name) in this project.")
        }
        return resource
    }

    /// What is known of the patterns of a stored resource, for copies of it.
    package func patterns(of kind: ResourceKind, _ id: Int64, _ scope: ResourceScope) async throws -> JudgedPatterns {
        let document = try await store.read { try find(kind, .id(id), scope, in: $0).document }
        return await JudgedPatterns(of: [document])
    }

    package func changeLog(_ scope: ResourceScope) -> ChangeLog {
        ChangeLog(
            accountID: scope.project.accountID, projectID: scope.project.id, author: scope.author, now: clock.now)
    }
}

/// What a request calls a resource by.
public enum ResourceName: Sendable, CustomStringConvertible {
    case id(Int64)
    case key(String)

    public var description: String {
        switch self {
        case .id(let id): "\(id)"
        case .key(let key): "with the key \(key.prefix(64))"
        }
    }
}
