import Experiences
import ExperimentsTestSupport
import Identity
import JSON
import Logging
import Projects
import Resources
import TestSupport
import Testing
import Time

@testable import EventStore
@testable import Reports

extension ProjectService: ReportingSettings {}

/// Reports on an experience that is there, over a log that is there.
@Suite struct ReportServiceTests {
    private let rig: ExperimentsRig
    private let events: EventStore

    init() throws {
        rig = try ExperimentsRig()
        events = try EventStore(
            path: rig.folder.file("events.duckdb"), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private var reports: ReportService {
        ReportService(resources: rig.service(), history: rig.history, events: events, projects: rig.projects)
    }

    /// A running experience of two variations with one goal.
    private struct Running {
        let id: Int64
        let goalID: Int64
        let variationIDs: [Int64]
    }

    private func start() async throws -> Running {
        let goal = try await rig.add(.goals, ["name": "Goal", "type": "code_trigger"], .fullstack)
        let id = try await rig.add(
            .experiences,
            [
                "name": "Experience", "type": "a/b_fullstack", "status": "active", "url": "https://x.example/",
                "goals": [.integer(goal)],
            ], .fullstack)
        let shown = try await rig.service().get(
            .experiences, .id(id), include: [], expand: ["variations"], rig.scope(.fullstack))
        let variations = try #require(shown["variations"]?.array).compactMap { $0["id"]?.int64 }
        return Running(id: id, goalID: goal, variationIDs: variations)
    }

    private func event(
        _ experience: Running, _ visitor: String, _ kind: ExperimentEvent.Kind = .viewExperience, day: Int64,
        variation: Int = 0, revenue: Double? = nil, segments: ReportingSegments = ReportingSegments()
    ) -> ExperimentEvent {
        let time = HandClock.start.adding(seconds: day * 86_400)
        return ExperimentEvent(
            id: EventIdentifier(value: UInt128.random(in: 1...UInt128(UInt64.max))), environmentID: 2, projectID: 2,
            kind: kind, occurredAt: time, receivedAt: time, visitorID: visitor,
            assignments: [.init(experienceID: experience.id, variationID: experience.variationIDs[variation])],
            goalID: kind == .viewExperience ? nil : experience.goalID, revenue: revenue, segments: segments)
    }

    private func values(_ report: JSONValue, _ variation: Int, _ member: String) throws -> [Double] {
        try #require(report["reportData"]?["variations"]?[variation]?["stats"]?.array).compactMap {
            $0[member]?.double
        }
    }

    private func daily(_ experience: Running, _ change: [(String, JSONValue)] = []) async throws -> JSONValue {
        var body = JSONObject([
            ("goal", .integer(experience.goalID)), ("metric", "avg_revenue_per_visitor"),
            ("report_type", "non_cumulative"),
        ])
        for (member, value) in change { body[member] = value }
        return try await reports.daily(experience.id, body, rig.scope(.fullstack))
    }

    @Test func daysAddUpToTheWhole() async throws {
        let experience = try await start()
        try await events.append([
            event(experience, "a", day: 0), event(experience, "b", day: 0), event(experience, "c", day: 2),
            event(experience, "a", .transaction, day: 1, revenue: 6),
            event(experience, "a", .transaction, day: 2, revenue: 3),
            event(experience, "d", day: 1, variation: 1),
        ])
        rig.hand.advance(seconds: 3 * 86_400)
        let apart = try await daily(experience)
        #expect(try values(apart, 0, "visitors") == [2, 0, 1, 0])
        #expect(try values(apart, 0, "totals") == [0, 6, 3, 0])
        #expect(try values(apart, 0, "value") == [0, 0, 3, 0])
        let first = HandClock.start.seconds / 86_400 * 86_400
        #expect(try values(apart, 1, "timestamp") == (0...3).map { Double(first + $0 * 86_400) })
        let together = try await daily(experience, [("report_type", "cumulative")])
        #expect(try values(together, 0, "visitors") == [2, 2, 3, 3])
        #expect(try values(together, 0, "value") == [0, 3, 3, 3])
        let extra = try #require(together["reportData"]?["extra"]?.array)
        #expect(
            extra.compactMap { $0["type"]?.string }
                == ["total_visitors", "avg_conversion_rate", "avg_revenue_visitor", "avg_products_ordered"])
        #expect(extra[0]["stats"]?.array?.compactMap { $0["value"]?.double } == [2, 3, 4, 4])
        #expect(extra[2]["stats"]?.array?.compactMap { $0["value"]?.double } == [0, 2, 9.0 / 4, 9.0 / 4])
        // The last day of what adds up is what the aggregated report says.
        let whole = try await reports.aggregated(experience.id, JSONObject(), rig.scope(.fullstack))
        let metrics = try #require(whole["reportData"]?[0]?["variations"]?[0]?["metrics"]?.array)
        #expect(metrics[1]["metric_value"] == .double(3))
    }

    @Test func daysBeginWhereTheyAreSaidTo() async throws {
        let experience = try await start()
        try await events.append([event(experience, "a", day: 0)])
        // 15:06 in London is tomorrow, ten hours to the east.
        let east = try await daily(experience, [("utc_offset", 36_000)])
        let midnight = HandClock.start.seconds / 86_400 * 86_400 + 86_400 - 36_000
        #expect(try values(east, 0, "timestamp") == [Double(midnight)])
        #expect(try values(east, 0, "visitors") == [1])
    }

    @Test func whatHasNotRunHasNoDays() async throws {
        let id = try await rig.add(
            .experiences, ["name": "Draft", "type": "a/b_fullstack", "url": "https://x.example/"], .fullstack)
        let report = try await reports.trafficAllocation(id, JSONObject(), rig.scope(.fullstack))
        #expect(try values(report, 0, "value") == [] && values(report, 1, "value") == [])
    }

    @Test(arguments: ["goal", "metric", "report_type"])
    func dailyReportsNeedToKnowWhatOf(member: String) async throws {
        let experience = try await start()
        await #expect(throws: ExperimentsError.self) { try await daily(experience, [(member, .null)]) }
        await #expect(throws: ExperimentsError.self) { try await daily(experience, [("goal", 999)]) }
    }

    @Test func weightsAreThoseOfTheirTime() async throws {
        let experience = try await start()
        try await events.append(
            (0..<100).map { event(experience, "early-\($0)", day: 0, variation: $0 % 2) }
                + (0..<100).map { event(experience, "late-\($0)", day: 2, variation: $0 % 10 == 0 ? 1 : 0) })
        rig.hand.advance(seconds: 86_400 + 60)
        let shares = zip(experience.variationIDs, [90, 10] as [JSONValue]).map { id, share -> JSONValue in
            ["id": .integer(id), "traffic_distribution": share]
        }
        _ = try await rig.service().update(
            .experiences, experience.id, JSONObject([("variations", .array(shares))]), rig.scope(.fullstack))
        rig.hand.advance(seconds: 86_400)
        let allocation = try await reports.trafficAllocation(experience.id, JSONObject(), rig.scope(.fullstack))
        #expect(try values(allocation, 0, "value") == [50, 90, 90])
        #expect(try values(allocation, 1, "value") == [50, 10, 10])
        let report = try await reports.aggregated(experience.id, JSONObject(), rig.scope(.fullstack))
        #expect(report["reportData"]?[0]?["srm_pvalue"] == .double(1))
    }

    @Test func choicesAreOfWhoCame() async throws {
        let experience = try await start()
        let audience = try await rig.add(
            .audiences, ["name": "Shoppers", "type": "segmentation", "rules": ["OR": []]], .fullstack)
        var segments = ReportingSegments()
        segments.campaign = "spring"
        segments.customSegments = [audience, 999]
        try await events.append([event(experience, "a", day: 0, segments: segments)])
        let choices = try await reports.choices(experience.id, rig.scope(.fullstack))
        #expect(choices["campaigns"] == [["name": "spring", "visitors_count": 1]])
        #expect(choices["custom_segments"] == [["id": .integer(audience), "name": "Shoppers"]])
    }

    @Test func explanationsHoldWhatTheFiguresAreMadeOf() async throws {
        let experience = try await start()
        try await events.append([
            event(experience, "a", day: 0), event(experience, "a", .transaction, day: 0, revenue: 2.5),
            event(experience, "b", day: 0), event(experience, "c", day: 0, variation: 1),
            event(experience, "c", .transaction, day: 0, revenue: 4), event(experience, "d", day: 0, variation: 1),
            event(experience, "e", day: 0), event(experience, "e", day: 0, variation: 1),
        ])
        let found = try await reports.explanation(
            experience.id, accountID: 1, projectIDs: [2], environment: nil, JSONObject())
        #expect(found["excluded_visitors"] == 1)
        let metric = try #require(found["goals"]?[0]?["variations"]?[1]?["metrics"]?[1])
        #expect(metric["n"] == 2 && metric["sum"] == .double(4) && metric["sum_of_squares"] == .double(16))
        #expect(metric["variance"] == .double(8) && metric["comparison"]?["difference"] == .double(0.75))
        let sql = try #require(found["sql"]?.string)
        #expect(sql.contains("experiment_events") && !sql.contains("lake"))
        for projects in [[1], []] as [Set<Int64>] {
            await #expect(throws: ExperimentsError.self) {
                try await reports.explanation(
                    experience.id, accountID: 1, projectIDs: projects, environment: nil, JSONObject())
            }
        }
        await #expect(throws: ExperimentsError.self) {
            try await reports.explanation(
                experience.id, accountID: 3, projectIDs: nil, environment: nil, JSONObject())
        }
    }

    @Test func aKeyOfAnEnvironmentSeesNoOther() async throws {
        let experience = try await start()
        let own = try await rig.service().get(
            .experiences, .id(experience.id), include: [], expand: [], rig.scope(.fullstack))["environment"]?.string
        for environment in [own, nil] {
            _ = try await reports.explanation(
                experience.id, accountID: 1, projectIDs: [2], environment: environment, JSONObject())
        }
        if own != nil {
            await #expect(throws: ExperimentsError.self) {
                try await reports.explanation(
                    experience.id, accountID: 1, projectIDs: [2], environment: "another", JSONObject())
            }
        }
    }

    @Test func listsOfSegmentsAreBounded() async throws {
        let experience = try await start()
        func body(_ count: Int) -> JSONObject {
            let campaigns: [JSONValue] = (0..<count).map { .string("c\($0)") }
            let segments: JSONValue = ["campaigns": .array(campaigns)]
            return JSONObject([("segments", segments)])
        }
        _ = try await reports.aggregated(experience.id, body(500), rig.scope(.fullstack))
        await #expect(
            throws: ExperimentsError.invalid("segments.campaigns", "segments.campaigns may have at most 500 values.")
        ) {
            try await reports.aggregated(experience.id, body(501), rig.scope(.fullstack))
        }
    }
}
