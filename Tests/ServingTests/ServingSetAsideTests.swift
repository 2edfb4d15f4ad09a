import ControlStore
import EventStore
import Foundation
import JSON
import Logging
import ServingDocument
import StoreTestSupport
import TestSupport
import Testing
import Time

@testable import Serving

/// What of experiments cannot be digested is set aside, and stops nobody else.
@Suite struct ServingSetAsideTests {
    private let temporary: TemporaryStore
    private let events: EventStore
    private let hand = HandClock()
    private let owner = SetAsideStore.Owner(environmentID: 1, projectID: 1)

    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init() throws {
        temporary = try TemporaryStore()
        events = try EventStore(path: temporary.folder.file("events.duckdb"), logger: Self.logger)
    }

    private static func served(_ id: Int64) -> ServedRevision {
        ServedRevision(
            project: ServedProject(
                accountID: 1, project: ["id": .integer(id)],
                goals: [["id": 5, "key": "bought", "type": "revenue", "status": "active"]],
                experiences: [
                    ["id": 10, "status": "active", "goals": [5], "variations": [["id": 100, "status": "running"]]]
                ]),
            revision: 1, environments: [.init(id: id, name: "one", isDefault: true)])
    }

    private struct Damage: Error {}

    private func tracker(damaged: Int64? = nil) -> Tracker {
        Tracker(store: temporary.store, events: events, clock: hand.clock, logger: Self.logger) { id in
            if id == damaged { throw Damage() }
            return Self.served(id).tracked
        }
    }

    private func run(_ tracker: Tracker, _ body: () async throws -> Void) async throws {
        let loop = Task { await tracker.run() }
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        loop.cancel()
        await loop.value
        try outcome.get()
    }

    private func see(_ visitor: String, _ tracker: Tracker) async throws {
        let seen = TrackingBatch.Visitor(id: visitor, events: [.bucketing(experienceID: 10, variationID: 100)])
        let batch = TrackingBatch(isEnriched: true, visitors: [seen])
        let rejections = try await tracker.track(batch, project: Self.served(1).tracked, environment: nil)
        #expect(rejections.isEmpty)
    }

    private func listed(_ kind: SetAsideKind) async throws -> [SetAsideItem] {
        try await SetAsideStore(store: temporary.store, clock: hand.clock)
            .list(of: owner, kind: kind, after: 0, limit: 10).items
    }

    private func number(of what: String) async throws -> Int {
        try await temporary.store.read { try $0.value(Int.self, sql: "SELECT count(*) FROM \(what)") ?? 0 }
    }

    private func plant(_ sql: String, _ arguments: Arguments = Arguments()) async throws {
        try await temporary.store.write { try $0.execute(sql: sql, arguments: arguments) }
    }

    private func wait(_ condition: () async throws -> Bool) async throws {
        while try await !condition() { try await Task.sleep(for: .milliseconds(10)) }
    }

    private func stored(_ kind: String) async throws -> Int {
        let filter = ExperimentEventFilter(projectIDs: [1])
        return try await events.recentEvents(filter, limit: 100).filter { $0.kind.rawValue == kind }.count
    }

    private func event(_ number: Int64) -> ExperimentEvent {
        ExperimentEvent(
            id: EventIdentifier(earliestAt: hand.now.adding(seconds: number)), environmentID: 1, projectID: 1,
            kind: .viewExperience, occurredAt: hand.now, receivedAt: hand.now, visitorID: "v\(number)",
            assignments: [.init(experienceID: 10, variationID: 100)], goalID: nil, revenue: nil, productsCount: nil,
            transactionID: nil, segments: ReportingSegments())
    }

    @Test func oneEventOfTheOutboxThatNobodyKnowsStopsNoOther() async throws {
        var elements = try #require(try JSONValue(parsing: ExperimentEvent.encoded([event(1), event(2)])).array)
        elements[1]["kind"] = "unheard_of"
        let insert = "INSERT INTO exposure_outbox (first_exposure_id, events) VALUES (?, ?)"
        try await plant(insert, [event(1).id.description, Data(JSONValue.array(elements).encoded())])
        try await plant(insert, ["none", Data("{".utf8)])
        try await plant(insert, ["none", Data("[]".utf8)])
        try await plant(insert, [event(3).id.description, Data(ExperimentEvent.encoded([event(3)]))])
        let tracker = tracker()
        try await run(tracker) {
            try await see("ann", tracker)
            try await wait { try await number(of: "exposure_outbox") == 0 }
        }
        #expect(try await stored("view_experience") == 3)
        let item = try #require(try await listed(.experimentEvent).first)
        #expect(item.entry.subject == event(2).id.description && item.entry.userID == "v2")
        // The one of which nobody knows whose it is is the operator's.
        #expect(try await number(of: "set_aside WHERE subject = 'outbox 2' AND project_id IS NULL") == 1)

        let retry = ExposureRetry(store: temporary.store, events: events)
        await #expect(throws: UnknownExperimentEvent.self) { try await retry.retry(item) }
        try await plant(
            "UPDATE set_aside SET content = ? WHERE id = ?", [Data(ExperimentEvent.encoded([event(2)])), item.id])
        let mended = try #require(try await listed(.experimentEvent).first)
        // Twice: the process may die between the two steps.
        for _ in 1...2 { try await retry.retry(mended) }
        #expect(try await stored("view_experience") == 4)
        #expect(try await listed(.experimentEvent).isEmpty)
    }

    /// All of them would find that it is not stored yet.
    @Test func triedByManyAtOnceItIsStoredOnce() async throws {
        let (event, now) = (event(1), hand.now)
        try await temporary.store.write { database in
            try SetAside.insert(
                SetAsideEntry(
                    kind: .experimentEvent, environmentID: 1, subject: event.id.description, reason: "test",
                    attempts: 3, content: ExperimentEvent.encoded([event])), at: now, in: database)
        }
        let retry = ExposureRetry(store: temporary.store, events: events)
        let service = SetAsideService(
            store: SetAsideStore(store: temporary.store, clock: hand.clock),
            retries: [.experimentEvent: { try await retry.retry($0) }])
        let item = try #require(try await listed(.experimentEvent).first)
        let outcomes = try await withThrowingTaskGroup(of: SetAsideService.Outcome?.self) { [owner] group in
            for _ in 0..<20 { group.addTask { try await service.retry(item.id, of: owner) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.compactMap(\.self) == [.digested])
        #expect(try await stored("view_experience") == 1)
    }

    @Test func aVisitorWhoCannotBeReadBeginsAnew() async throws {
        try await plant(
            "INSERT INTO visitors (project_id, visitor_id, buckets, segments, updated_at) VALUES (1, 'ann', '{\"10\":', '{}', 1), (1, 'bob', '{\"10\":100}', '{}', 1)"
        )
        let visitors = VisitorStore(store: temporary.store)
        #expect(try await visitors.visitor("ann", projectID: 1) == nil)
        let tracker = tracker()
        try await run(tracker) { try await see("ann", tracker) }
        #expect(try await visitors.visitor("ann", projectID: 1)?.buckets == [10: 100])
        let item = try #require(try await listed(.visitor).first)
        #expect(item.entry.subject == "ann" && item.entry.projectID == 1)
        let retry = VisitorRetry(store: temporary.store)
        await #expect(throws: JSONError.self) { try await retry.retry(item) }
        let content: JSONValue = [
            "buckets": #"{"10":7,"11":8}"#, "segments": #"{"country":"DE"}"#, "updated_at": 1,
        ]
        try await plant(
            "UPDATE set_aside SET content = ? WHERE id = ?",
            [Data(content.encoded()), item.id])
        try await retry.retry(try #require(try await listed(.visitor).first))
        let ann = try #require(try await visitors.visitor("ann", projectID: 1))
        #expect(ann.buckets == [10: 100, 11: 8] && ann.segments.members["country"] == "DE")
        #expect(try await listed(.visitor).isEmpty)
    }

    @Test func aVisitorOfWhomNothingIsTextBeginsAnewToo() async throws {
        try await plant(
            "INSERT INTO visitors (project_id, visitor_id, buckets, segments, updated_at) VALUES (1, 'ann', x'ff', '{\"a\":1}', 'never')"
        )
        let visitors = VisitorStore(store: temporary.store)
        #expect(try await visitors.visitor("ann", projectID: 1) == nil)
        let tracker = tracker()
        try await run(tracker) { try await see("ann", tracker) }
        #expect(try await visitors.visitor("ann", projectID: 1)?.buckets == [10: 100])
        let item = try #require(try await listed(.visitor).first)
        #expect(item.entry.reason == "the stored buckets is no String" && item.entry.receivedAt == nil)
        try await VisitorRetry(store: temporary.store).retry(item)
        #expect(try await visitors.visitor("ann", projectID: 1)?.buckets == [10: 100])
        #expect(try await listed(.visitor).isEmpty)
    }

    @Test func aDeletionTakesAlongWhatIsSetAside() async throws {
        try await plant(
            "INSERT INTO visitors (project_id, visitor_id, buckets, segments, updated_at) VALUES (1, 'ann', '{', '{}', 1)"
        )
        let tracker = tracker()
        try await run(tracker) { try await see("ann", tracker) }
        #expect(try await listed(.visitor).count == 1)
        let setAside = SetAsideStore(store: temporary.store, clock: hand.clock)
        try await setAside.delete(users: ["ann"], environmentID: 2, upTo: hand.now)
        #expect(try await listed(.visitor).isEmpty)
    }

    private func plantGoal(
        _ user: String, project: Int64 = 1, at occurredAt: any StoredValue & Sendable
    ) async throws {
        try await plant(
            """
            INSERT INTO reached_goals (environment_id, project_id, goal_id, user_id, occurred_at, received_at)
            VALUES (1, ?, 5, ?, ?, 0)
            """, [project, user, occurredAt])
    }

    @Test func oneGoalThatCannotBeCountedStopsNoOther() async throws {
        let tracker = tracker()
        try await run(tracker) {
            for user in ["ann", "bob", "cid"] { try await see(user, tracker) }
            try await plantGoal("ann", at: hand.now)
            try await plantGoal("bob", at: "never")
            try await plantGoal("cid", at: hand.now)
            try await wait { try await number(of: "reached_goals") == 0 }
            try await wait { try await stored("conversion") == 2 }
            let item = try #require(try await listed(.reachedGoal).first)
            #expect(item.entry.userID == "bob" && item.entry.attempts == 4)
            let retry = ReachedGoalRetry(store: temporary.store)
            await #expect(throws: (any Error).self) { try await retry.retry(item) }
            try await plant(
                "UPDATE set_aside SET content = json_set(CAST(content AS TEXT), '$.occurred_at', ?)", [hand.now])
            try await retry.retry(try #require(try await listed(.reachedGoal).first))
            try await wait { try await stored("conversion") == 3 }
            #expect(try await listed(.reachedGoal).isEmpty)
        }
    }

    @Test func goalsOfAProjectThatCannotBeReadWaitAndNobodyElses() async throws {
        let tracker = tracker(damaged: 2)
        try await run(tracker) {
            try await see("ann", tracker)
            try await plantGoal("bob", project: 2, at: hand.now)
            try await plantGoal("ann", at: hand.now)
            try await wait { try await stored("conversion") == 1 }
        }
        #expect(try await number(of: "reached_goals WHERE project_id = 2") == 1)
    }
}
