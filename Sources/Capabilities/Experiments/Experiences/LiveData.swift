package import ControlStore
package import EventStore
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

    /// The last events of an account (contract operation `getAccountLiveData`).
    /// - Parameters:
    ///   - projectIDs: only these projects; nil for all of the account's.
    ///   - body: the contract's filters and expansions.
    public func list(accountID: Int64, projectIDs: Set<Int64>?, _ body: JSONObject) async throws -> [JSONValue] {
        let wanted = body["projects"]?.array?.compactMap(\.int64) ?? []
        let visible = try await store.read { database in
            try Project.fetchAll(accountID: accountID, from: database).map(\.id)
        }.filter { (projectIDs?.contains($0) ?? true) && (wanted.isEmpty || wanted.contains($0)) }
        return try await list(ExperimentEventFilter(projectIDs: visible), body)
    }

    /// The last events of a project (contract operation `getProjectLiveData`).
    public func list(_ project: Project, _ body: JSONObject) async throws -> [JSONValue] {
        try await list(ExperimentEventFilter(projectIDs: [project.id]), body)
    }

    /// The last events of an experience (contract operation `getExperienceLiveData`).
    public func list(_ project: Project, experienceID: Int64, _ body: JSONObject) async throws -> [JSONValue] {
        var body = body
        body["experiences"] = [.integer(experienceID)]
        return try await list(project, body)
    }

    private func list(_ scope: ExperimentEventFilter, _ body: JSONObject) async throws -> [JSONValue] {
        func texts(_ value: JSONValue?) -> [String] { value?.array?.compactMap(\.string) ?? [] }
        func ids(_ value: JSONValue?) -> [Int64] { value?.array?.compactMap(\.int64) ?? [] }
        var filter = scope
        filter.kinds = texts(body["event_types"]).compactMap(ExperimentEvent.Kind.init)
        filter.experienceIDs = ids(body["experiences"])
        filter.goalIDs = ids(body["goals"])
        let segments = body["segments"]
        filter.devices = texts(segments?["devices"])
        filter.browsers = texts(segments?["browsers"])
        filter.countries = texts(segments?["countries"]).map { $0.uppercased() }
        filter.visitorTypes = texts(segments?["visitor_types"])
        filter.campaigns = texts(segments?["campaigns"])
        filter.sources = texts(segments?["sources"])
        filter.customSegments = ids(segments?["custom_segments"])
        let found = try await events.recentEvents(filter, limit: Self.limit)
        let expand = Set(texts(body["expand"]))
        let names = try await store.read { try Names(of: found, expand, projects, from: $0) }
        return found.map { names.show($0) }
    }
}

/// The names of what events mention, where they were asked for.
private struct Names {
    private let expand: Set<String>
    private var resources: [Int64: String] = [:]
    private var variations: [Int64: String] = [:]
    private var projects: [Int64: JSONValue] = [:]

    init(
        of events: [ExperimentEvent], _ expand: Set<String>, _ summaries: any ProjectSummaries, from database: Database
    ) throws {
        self.expand = expand
        var ids: Set<Int64> = []
        for event in events {
            if expand.contains("experiences") { ids.formUnion(event.assignments.map(\.experienceID)) }
            if expand.contains("custom_segments") { ids.formUnion(event.segments.customSegments) }
            if expand.contains("conversion.goals"), let goalID = event.goalID { ids.insert(goalID) }
        }
        let projectIDs = Set(events.map(\.projectID)).sorted()
        let rows = try database.rows(
            sql: """
                SELECT id, name FROM resources WHERE id IN \(SQL.list("?"))
                AND project_id IN \(SQL.list("?"))
                """,
            arguments: [ListArgument(ids.sorted()), ListArgument(projectIDs)])
        for row in rows { try resources[row.read("id")] = row.read("name") }
        if expand.contains("experiences.variation") {
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
        if expand.contains("project") { projects = try summaries.summaries(of: projectIDs, from: database) }
    }

    /// Contract schema `LiveDataEvent`.
    func show(_ event: ExperimentEvent) -> JSONValue {
        let segments = event.segments
        func texts(_ list: [String]) -> JSONValue { .array(list.map { .string($0) }) }
        var shown: JSONValue = [
            "event_type": .string(event.kind.rawValue), "timestamp": .integer(event.occurredAt.seconds),
            "project": projects[event.projectID] ?? .integer(event.projectID), "devices": texts(segments.devices),
            "sources": texts(segments.sources),
            "custom_segments": .array(segments.customSegments.map { named($0, "custom_segments") }),
            "campaign": segments.campaign.map { .string($0) } ?? .null,
            "experiences": .array(
                event.assignments.map { assignment in
                    var experience: JSONValue = [
                        "id": .integer(assignment.experienceID), "variation": .integer(assignment.variationID),
                    ]
                    if expand.contains("experiences.variation") {
                        experience["variation"] = [
                            "id": .integer(assignment.variationID),
                            "name": .string(variations[assignment.variationID] ?? ""),
                        ]
                    }
                    if expand.contains("experiences") {
                        experience["name"] = .string(resources[assignment.experienceID] ?? "")
                    }
                    return experience
                }),
        ]
        for (member, value) in [
            ("browser", segments.browser), ("country", segments.country), ("visitor_type", segments.visitorType),
        ] {
            if let value { shown[member] = .string(value) }
        }
        guard event.kind != .viewExperience else {
            shown["conversion"] = .null
            return shown
        }
        let isTransaction = event.kind == .transaction
        shown["conversion"] = [
            "goals": .array((event.goalID.map { [$0] } ?? []).map { named($0, "conversion.goals") }),
            "revenue": isTransaction ? event.revenue.map { .double($0) } ?? .null : .null,
            "products_ordered_count": isTransaction ? event.productsCount.map { .integer($0) } ?? .null : .null,
        ]
        return shown
    }

    /// The id, or where names were asked for, the object with both.
    private func named(_ id: Int64, _ member: String) -> JSONValue {
        guard expand.contains(member) else { return .integer(id) }
        return ["id": .integer(id), "name": .string(resources[id] ?? "")]
    }
}
