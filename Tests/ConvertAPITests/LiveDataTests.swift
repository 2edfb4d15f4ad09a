import ControlStore
import EventStore
import ExperimentsTestSupport
import Identity
import JSON
import Logging
import Projects
import Resources
import TestSupport
import Testing
import Time

@testable import ConvertAPI
@testable import Experiences

extension ProjectService: ProjectSummaries {}

@Suite struct LiveDataTests {
    private let rig: ExperimentsRig
    private let events: EventStore
    private let live: LiveData

    init() throws {
        rig = try ExperimentsRig()
        events = try EventStore(path: nil, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        live = LiveData(store: rig.store, events: events, projects: rig.projects)
    }

    private func add(
        _ kind: ExperimentEvent.Kind, second: Int64, project: Int64 = 1, goal: Int64? = nil, segments: [Int64] = []
    ) async throws {
        var known = ReportingSegments()
        known.customSegments = segments
        known.country = "PT"
        let time = HandClock.start.adding(seconds: second)
        try await events.append([
            ExperimentEvent(
                id: EventIdentifier(earliestAt: time), environmentID: project, projectID: project, kind: kind,
                occurredAt: time, receivedAt: time, visitorID: "v",
                assignments: [.init(experienceID: 900, variationID: 901)], goalID: goal,
                revenue: kind == .transaction ? 9.5 : nil, productsCount: kind == .transaction ? 2 : nil,
                segments: known)
        ])
    }

    private func list(_ project: Project, _ body: JSONValue = [:]) async throws -> [JSONValue] {
        let query = LiveDataQuery(body.object ?? JSONObject())
        return query.show(try await live.list(project, query.filter, naming: query.names))
    }

    @Test func eventsAreShownInTheContractsWords() async throws {
        let goal = try await rig.add(.goals, ["name": "Buy", "type": "code_trigger"])
        let audience = try await rig.add(.audiences, ["name": "Fans", "type": "segmentation", "rules": [:]])
        try await add(.transaction, second: 1, goal: goal, segments: [audience])
        try await add(.viewExperience, second: 2)
        let project = rig.scope().project
        let plain = try await list(project)
        #expect(plain.map { $0["event_type"]?.string } == ["view_experience", "transaction"])
        #expect(plain[0]["conversion"] == .null && plain[0]["country"] == "PT" && plain[0]["browser"] == nil)
        #expect(plain[1]["conversion"] == ["goals": [.integer(goal)], "revenue": 9.5, "products_ordered_count": 2])
        #expect(plain[1]["custom_segments"] == [.integer(audience)] && plain[1]["project"] == 1)
        #expect(plain[1]["experiences"] == [["id": 900, "variation": 901]])
        let body: JSONValue = ["expand": ["custom_segments", "experiences", "conversion.goals", "project"]]
        let expanded = try await list(project, body)
        #expect(expanded[1]["conversion"]?["goals"] == [["id": .integer(goal), "name": "Buy"]])
        #expect(expanded[1]["custom_segments"] == [["id": .integer(audience), "name": "Fans"]])
        #expect(expanded[1]["project"]?["name"] == "web" && expanded[1]["project"]?["settings"]?["time_zone"] == "UTC")
    }

    @Test func nothingOfOtherAccountsOrProjectsShows() async throws {
        try await rig.store.write { database in
            try database.run(
                script: """
                    INSERT INTO accounts (id, name, created_at) VALUES (2, 'b', 0);
                    INSERT INTO projects (id, account_id, name, type, created_at) VALUES (3, 2, 'other', 'web', 0);
                    """)
        }
        for project: Int64 in [1, 2, 3] { try await add(.viewExperience, second: project, project: project) }
        func projects(_ account: Int64, _ allowed: Set<Int64>?, _ body: JSONValue = [:]) async throws -> [Int64?] {
            let query = LiveDataQuery(body.object ?? JSONObject())
            let found = try await live.list(
                accountID: account, projectIDs: allowed, wanted: query.projects, query.filter, naming: query.names)
            return query.show(found).map { $0["project"]?.int64 }
        }
        #expect(try await projects(1, nil) == [2, 1])
        #expect(try await projects(2, nil) == [3])
        #expect(try await projects(1, [1, 3]) == [1])
        #expect(try await projects(1, nil, ["projects": [2, 3]]) == [2])
        #expect(try await projects(1, nil, ["projects": [3]]) == [])
    }
}
