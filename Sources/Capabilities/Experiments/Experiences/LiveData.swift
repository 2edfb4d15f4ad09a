package import ControlStore
public import EventStore
public import Identity
public import JSON
import Time

/// What visitors of experiments did last, as it comes in.
public struct LiveData: Sendable {
    private let store: ControlStore
    private let events: EventStore
    private let projects: any ProjectSummaries

    /// The contract's number of events.
    private static let limit = 100

    package init(store: ControlStore, events: EventStore, projects: any ProjectSummaries) {
        self.store = store
        self.events = events
        self.projects = projects
    }

    /// The last events of an account.
    /// - Parameters:
    ///   - projectIDs: the projects that the caller may see; nil for all of the account's.
    ///   - wanted: only these of them; with none, all.
    ///   - filter: which events; its projects are set here.
    ///   - names: what is to be named.
    public func list(
        accountID: Int64, projectIDs: Set<Int64>?, wanted: [Int64], _ filter: ExperimentEventFilter,
        naming names: Set<LiveEvents.Named>
    ) async throws -> LiveEvents {
        var filter = filter
        filter.projectIDs = try await store.read { database in
            try Project.fetchAll(accountID: accountID, from: database).map(\.id)
        }.filter { (projectIDs?.contains($0) ?? true) && (wanted.isEmpty || wanted.contains($0)) }
        return try await list(filter, naming: names)
    }

    /// The last events of a project.
    public func list(
        _ project: Project, _ filter: ExperimentEventFilter, naming names: Set<LiveEvents.Named>
    ) async throws -> LiveEvents {
        var filter = filter
        filter.projectIDs = [project.id]
        return try await list(filter, naming: names)
    }

    private func list(
        _ filter: ExperimentEventFilter, naming names: Set<LiveEvents.Named>
    ) async throws -> LiveEvents {
        let found = try await events.recentEvents(filter, limit: Self.limit)
        return try await store.read { try LiveEvents(found, naming: names, projects, from: $0) }
    }
}

/// Events of experiments, newest first, and what those are called who are in them.
public struct LiveEvents: Sendable {
    /// What can be named.
    public enum Named: Sendable {
        case experiences
        case variations
        case customSegments
        case goals
        case projects
    }

    public let events: [ExperimentEvent]
    /// Names of experiences, segments and goals, by id; what is gone has none.
    public private(set) var resources: [Int64: String] = [:]
    /// Names of variations, by id.
    public private(set) var variations: [Int64: String] = [:]
    /// What is shown of projects, by id.
    public private(set) var projects: [Int64: JSONValue] = [:]

    init(
        _ events: [ExperimentEvent], naming names: Set<Named>, _ summaries: any ProjectSummaries,
        from database: Database
    ) throws {
        self.events = events
        var ids: Set<Int64> = []
        for event in events {
            if names.contains(.experiences) { ids.formUnion(event.assignments.map(\.experienceID)) }
            if names.contains(.customSegments) { ids.formUnion(event.segments.customSegments) }
            if names.contains(.goals), let goalID = event.goalID { ids.insert(goalID) }
        }
        let projectIDs = Set(events.map(\.projectID)).sorted()
        let rows = try database.rows(
            sql: """
                SELECT id, name FROM resources WHERE id IN \(SQL.list("?"))
                AND project_id IN \(SQL.list("?"))
                """,
            arguments: [ListArgument(ids.sorted()), ListArgument(projectIDs)])
        for row in rows { try resources[row.read("id")] = row.read("name") }
        if names.contains(.variations) {
            let ids = Set(events.flatMap { $0.assignments.map(\.variationID) }).sorted()
            for row in try database.rows(
                sql: """
                    SELECT id, name FROM variations WHERE id IN \(SQL.list("?"))
                    AND project_id IN \(SQL.list("?"))
                    """,
                arguments: [ListArgument(ids), ListArgument(projectIDs)])
            {
                try variations[row.read("id")] = row.read("name")
            }
        }
        if names.contains(.projects) { projects = try summaries.summaries(of: projectIDs, from: database) }
    }
}
