public import ControlStore
import Identity
import JSON
import ProjectDocuments
public import Resources
public import ServingDocument
public import Time

/// Reads projects to be served.
public struct ServedProjects: Sendable {
    private let store: ControlStore
    private let clock: WallClock
    private let descriptions: ResourceDescription.Kinds
    private let plans: AccountPlans

    public init(
        store: ControlStore, clock: WallClock, descriptions: ResourceDescription.Kinds,
        plans: AccountPlans = AccountPlans()
    ) {
        self.store = store
        self.plans = plans
        self.clock = clock
        self.descriptions = descriptions
    }

    /// How long SDKs are told of an archived experience (contract schema `ConfigResponseData`): about eight months.
    private static let archiveSeconds: Int64 = 243 * 86_400

    /// All that config documents of a project are made of, with the project's revision at that moment and its
    /// environments; nil when there is no such project.
    public func project(
        _ projectID: Int64
    ) async throws -> (
        project: ServedProject, revision: Int64, environments: [(id: Int64, name: String, isDefault: Bool)]
    )? {
        let now = clock.now
        let since = now.adding(seconds: -Self.archiveSeconds)
        return try await store.read { database in
            guard
                let row = try database.row(
                    sql: "SELECT * FROM projects WHERE id = ?", arguments: [projectID]),
                let project = try Project(row: row)
            else { return nil }
            func all<View: DocumentView>(_ kind: ResourceKind, expand: Set<String> = []) throws -> [View] {
                guard let description = descriptions[kind] else { return [] }
                let ids = try Resource.ids(kind, projectID: projectID, from: database)
                let view = ResourceView(
                    description, of: descriptions, project: project,
                    include: description.includable.subtracting(["alerts", "stats"]), expand: expand)
                return try view.show(ids, from: database).map { View($0) }
            }
            var served = ServedProject(
                accountID: project.accountID,
                project: try ProjectView(
                    options: ProjectService.Options(
                        include: ["global_javascript", "domains"], expand: [], baseURL: ""), plans: plans, now: now
                ).show(row, from: database))
            served.isUsedUp = try plans.isUsedUp(
                project, quota: served.project.reportingSettings.testedVisitorsQuota, at: now, from: database)
            served.blockedAddresses = [
                try AccountService.blockedAddresses(project.accountID, from: database),
                served.project.reportingSettings.blockedIPs,
            ].compactMap { $0 }
            served.goals = try all(.goal)
            served.goalsMadeAt = try Resource.creationTimes(.goal, projectID: projectID, from: database)
            served.locations = try all(.location)
            served.audiences = try all(.audience)
            served.features = try all(.feature)
            served.experiences = try all(.experience, expand: ["variations", "variations.changes"])
            served.archivedExperienceIDs = try Resource.archivedIDs(
                .experience, projectID: projectID, since: since, from: database)
            let environments = try ProjectEnvironment.fetchAll(projectID: projectID, from: database)
                .map { (id: $0.id, name: $0.name, isDefault: $0.isDefault) }
            return try (served, row.read("revision"), environments)
        }
    }

    /// Goes up with every change of the project or of anything in it; nil when there is no such project.
    public func revision(_ projectID: Int64) async throws -> Int64? {
        try await store.read { try Project.revision(of: projectID, in: $0) }
    }
}
