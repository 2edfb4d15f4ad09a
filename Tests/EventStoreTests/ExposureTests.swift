import TestSupport
import Testing
import Time

@testable import EventStore

@Suite struct ExposureTests {
    private let log: Log

    init() throws { log = try Log() }

    private func event(
        _ number: Int, _ kind: ExperimentEvent.Kind = .conversion, project: Int64 = 1, experiences: [Int64] = [1],
        goal: Int64? = 7, segments: ReportingSegments = ReportingSegments()
    ) -> ExperimentEvent {
        let time = HandClock.start.adding(seconds: Int64(number))
        return ExperimentEvent(
            id: EventIdentifier(earliestAt: time), environmentID: project, projectID: project, kind: kind,
            occurredAt: time, receivedAt: time, visitorID: "v\(number)",
            assignments: experiences.map { .init(experienceID: $0, variationID: $0 * 10) },
            goalID: kind == .viewExperience ? nil : goal, segments: segments)
    }

    private func numbers(_ change: (inout ExperimentEventFilter) -> Void = { _ in }, limit: Int = 100) async throws
        -> [String]
    {
        var filter = ExperimentEventFilter(projectIDs: [1])
        change(&filter)
        return try await log.store.recentEvents(filter, limit: limit).map(\.visitorID)
    }

    @Test func eventsComeBackAsTheyWereStored() async throws {
        var segments = ReportingSegments()
        segments.devices = ["iPhone", "all_phones"]
        segments.sources = ["search"]
        segments.customSegments = [3, 4]
        (segments.browser, segments.country, segments.visitorType, segments.campaign) = (
            "safari", "PT", "new", "a'b\"ü"
        )
        var transaction = event(1, .transaction, experiences: [1, 2, 3], segments: segments)
        transaction.revenue = 12.34
        transaction.productsCount = 3
        transaction.transactionID = "t-1'); DROP TABLE x --"
        let view = event(2, .viewExperience, experiences: [5])
        let lone = event(3, experiences: [])
        let written = ExperimentEvent.encoded([transaction, view, lone])
        #expect(try ExperimentEvent.decoded(written) == [transaction, view, lone])
        try await log.store.append([transaction, view, lone])
        try await log.store.append([])
        #expect(
            try await log.store.recentEvents(ExperimentEventFilter(projectIDs: [1]), limit: 100)
                == [lone, view, transaction])
        #expect(try await log.afterKill().column("SELECT count(*)::VARCHAR FROM lake.main.exposures") == ["5"])
    }

    @Test(arguments: ["", "{}", "[1]", #"[{"exposure_id": "x"}]"#, #"[{"id": "x"}]"#])
    func whatWasWrittenOtherwiseIsRefused(text: String) {
        #expect(throws: (any Error).self) { try ExperimentEvent.decoded(Array(text.utf8)) }
    }

    @Test func everyFilterNarrows() async throws {
        var phone = ReportingSegments()
        phone.devices = ["iPhone", "all_phones"]
        phone.sources = ["ai_tool"]
        phone.customSegments = [3]
        (phone.browser, phone.country, phone.visitorType, phone.campaign) = ("safari", "PT", "new", "spring")
        try await log.store.append([
            event(1, .viewExperience, segments: phone), event(2, goal: 8), event(3, .transaction, experiences: [2, 1]),
            event(4, project: 2, segments: phone),
        ])
        #expect(try await numbers() == ["v3", "v2", "v1"])
        #expect(try await numbers { $0.projectIDs = [] } == [])
        #expect(try await numbers { $0.projectIDs = [2, 1] } == ["v4", "v3", "v2", "v1"])
        #expect(try await numbers { $0.kinds = [.transaction, .viewExperience] } == ["v3", "v1"])
        #expect(try await numbers { $0.experienceIDs = [2] } == ["v3"])
        #expect(try await numbers { $0.goalIDs = [8, 9] } == ["v2", "v1"])
        #expect(try await numbers { $0.devices = ["all_phones", "desktop"] } == ["v1"])
        #expect(try await numbers { $0.sources = ["ai_tool"] } == ["v1"])
        #expect(try await numbers { $0.customSegments = [3] } == ["v1"])
        #expect(try await numbers { $0.browsers = ["safari"] } == ["v1"])
        #expect(try await numbers { $0.countries = ["PT"] } == ["v1"])
        #expect(try await numbers { $0.visitorTypes = ["new"] } == ["v1"])
        #expect(try await numbers { $0.campaigns = ["spring"] } == ["v1"])
        #expect(try await numbers { $0.campaigns = ["'; --"] } == [])
        // A filter by experience shows all of an event's experiences all the same.
        var filter = ExperimentEventFilter(projectIDs: [1])
        filter.experienceIDs = [2]
        let found = try await log.store.recentEvents(filter, limit: 1)
        #expect(found.first?.assignments.map(\.experienceID) == [1, 2])
    }

    @Test func theLimitCountsEventsWhateverTheirRows() async throws {
        try await log.store.append((1...20).map { event($0, experiences: Array(1...30)) })
        #expect(try await numbers(limit: 10) == (11...20).reversed().map { "v\($0)" })
        #expect(try await numbers(limit: 100).count == 20)
    }

    @Test func goalsAreCountedByEventSinceATime() async throws {
        try await log.store.append([
            event(1, experiences: [1, 2]), event(2, goal: 8), event(3), event(4, project: 2), event(5, .viewExperience),
        ])
        #expect(try await log.store.goalCounts(projectID: 1, since: HandClock.start) == [7: 2, 8: 1])
        #expect(
            try await log.store.goalCounts(projectID: 1, since: HandClock.start.adding(seconds: 2)) == [7: 1, 8: 1])
    }

    @Test func deletionsTakeThemToo() async throws {
        try await log.store.append([event(1), event(2), event(3, project: 2)])
        let last = LogPosition(at: HandClock.start.adding(seconds: 9))
        _ = try await log.store.deleteEvents(of: .companies, ids: ["v1"], environmentID: 1, upTo: last)
        #expect(try await numbers() == ["v2", "v1"])
        let gone = ["v1", "v3"]
        _ = try await log.store.deleteEvents(of: .users, ids: [], visitors: gone, environmentID: 1, upTo: last)
        #expect(try await numbers { $0.projectIDs = [1, 2] } == ["v3", "v2"])
        _ = try await log.store.deleteEvents(environmentID: 2)
        #expect(try await numbers { $0.projectIDs = [1, 2] } == ["v2"])
    }
}
