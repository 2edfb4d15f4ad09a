import ControlStore
import EventStore
import JSON
import Logging
import Projections
import ServingDocument
import StoreTestSupport
import TestSupport
import Testing
import Time

@testable import Serving

/// From a product event to the experiment events that come of it.
@Suite struct GoalProjectionTests {
    private let temporary: TemporaryStore
    private let events: EventStore
    private let hand = HandClock()
    private let projection: GoalProjection
    private let visitors: VisitorStore
    private let served = ServedRevision(
        project: ServedProject(
            accountID: 1, project: ["id": 1],
            goals: [["id": 5, "key": "bought", "type": "revenue", "status": "active"]],
            experiences: [
                ["id": 10, "status": "active", "goals": [5], "variations": [["id": 100, "status": "running"]]]
            ]),
        revision: 1, environments: [.init(id: 1, name: "one", isDefault: true)])

    init() throws {
        temporary = try TemporaryStore()
        events = try EventStore(
            path: temporary.folder.file("events.duckdb"), settings: EventStore.Settings(), logger: Logger(label: "test")
        )
        projection = GoalProjection(store: temporary.store) { [served] in $0 == 1 ? served : nil }
        visitors = VisitorStore(store: temporary.store)
    }

    /// Runs the tracker until it has looked for goals, after some visitors have seen the experience.
    private func count(seenBy visitorIDs: String...) async throws {
        let tracker = Tracker(
            store: temporary.store, events: events, clock: hand.clock, logger: Logger(label: "test")
        ) { [served] in $0 == 1 ? served.tracked : nil }
        let loop = Task { await tracker.run() }
        if !visitorIDs.isEmpty { try await see(visitorIDs, tracker) }
        while try await number(of: "reached_goals WHERE received_at <= \(hand.now.adding(seconds: -5).microseconds)")
            > 0
        {
            try await Task.sleep(for: .milliseconds(20))
        }
        loop.cancel()
        await loop.value
    }

    private func see(_ visitorIDs: [String], _ tracker: Tracker) async throws {
        let batch = TrackingBatch(
            isEnriched: true,
            visitors: visitorIDs.map {
                TrackingBatch.Visitor(id: $0, events: [.bucketing(experienceID: 10, variationID: 100)])
            })
        _ = try await tracker.track(batch, project: served.tracked, environment: nil)
    }

    private func number(of rows: String) async throws -> Int {
        try await temporary.store.read { try $0.value(Int.self, sql: "SELECT count(*) FROM \(rows)") ?? -1 }
    }

    private func stored() async throws -> [ExperimentEvent] {
        try await events.recentEvents(ExperimentEventFilter(projectIDs: [1]), limit: 1_000)
            .filter { $0.kind != .viewExperience }
    }

    private var at: Int64 { EventLog.receivedAt.seconds }

    @Test func aTrackCallIsAConversion() async throws {
        var log = EventLog()
        let bought = EventLog.track("ann", "bought", ["amount": 20, "products_count": 2], at: at)
        try await count(seenBy: "ann")
        try await log.commit([bought, EventLog.track("bob", "bought", at: at)], to: projection)
        // Views may still be on their way.
        try await count()
        #expect(try await stored().isEmpty)
        #expect(try await number(of: "reached_goals") == 2)
        hand.advance(seconds: 5)
        try await count()
        // With values it is both.
        #expect(try await stored().map(\.kind).sorted { $0.rawValue < $1.rawValue } == [.conversion, .transaction])
        let event = try #require(try await stored().first { $0.kind == .transaction })
        #expect(event.visitorID == "ann" && event.goalID == 5)
        #expect(event.assignments == [.init(experienceID: 10, variationID: 100)])
        #expect(event.revenue == 20 && event.productsCount == 2 && event.environmentID == 1)
        // The second of the view is over.
        #expect(event.occurredAt == EventLog.receivedAt.adding(seconds: 1) && event.receivedAt == EventLog.receivedAt)
        #expect(try await stored().filter { $0.kind == .conversion }.map(\.revenue) == [nil])
        #expect(try await number(of: "exposure_outbox") == 0)
    }

    /// After a crash the log is read again from the position on.
    @Test func whatIsReadTwiceCountsOnce() async throws {
        try await count(seenBy: "ann")
        var log = EventLog()
        let position = log.nextPosition()
        let events = [EventLog.committed([EventLog.track("ann", "bought", at: at)])]
        for _ in 1...2 { try await projection.apply(events, movingTo: position) }
        #expect(try await projection.position() == position)
        hand.advance(seconds: 5)
        try await count()
        try await count()
        #expect(try await stored().count == 1)
    }

    @Test func identifyJoinsVisitors() async throws {
        var log = EventLog()
        try await count(seenBy: "cookie-1", "cookie-2")
        try await log.commit(
            [
                EventLog.identify("ann", ["visitor_id": "cookie-1"]), EventLog.identify("bob", ["visitor_id": 7]),
                EventLog.identify("cid", ["visitor_id": ["cookie-1"]]), EventLog.identify("dan"),
                EventLog.identify("ann", ["visitor_id": "cookie-2"], environmentID: 2),
            ], to: projection)
        try await log.commit(["ann", "bob", "cid", "dan"].map { EventLog.track($0, "bought", at: at) }, to: projection)
        // The event says it by itself.
        try await log.commit([EventLog.track(nil, "bought", ["visitor_id": "cookie-2"], at: at)], to: projection)
        hand.advance(seconds: 5)
        try await count()
        #expect(try await stored().map(\.visitorID) == ["cookie-2", "cookie-1"])
        #expect(try await visitors.joined(to: ["ann", "bob", "cid"], environmentID: 1) == ["cookie-1", "7"])
    }

    @Test func theLastVisitorsAreRemembered() async throws {
        var log = EventLog()
        for number in 0..<30 {
            let name = String(repeating: "v", count: 1 + number)
            try await log.commit([EventLog.identify("ann", ["visitor_id": .string(name)])], to: projection)
        }
        #expect(try await visitors.joined(to: ["ann"], environmentID: 1).count == 30)
        try await log.commit(
            [EventLog.identify("bob", ["visitor_id": .string(String(repeating: "v", count: 256))])], to: projection)
        #expect(try await visitors.joined(to: ["bob"], environmentID: 1).isEmpty)
    }

    @Test func transactionsCountOnce() async throws {
        var log = EventLog()
        // Seen before the goals are due: which of the two the tracker takes first is its own affair.
        try await count(seenBy: "ann")
        let bought = EventLog.track("ann", "bought", ["transaction_id": "t"], at: at)
        // Nobody who is in no experiment uses it up.
        try await log.commit([EventLog.track("nobody", "bought", ["transaction_id": "t"], at: at)], to: projection)
        try await log.commit([bought, bought], to: projection)
        hand.advance(seconds: 5)
        try await count()
        #expect(try await stored().compactMap(\.transactionID) == ["t"])
    }

    @Test func onlyTrackEventsOfProjectsThatAreThere() async throws {
        var log = EventLog()
        let gone = EventLog.track("ann", "bought", environmentID: 99)
        let other = EventLog.Event(type: .pageView, user: "ann", name: "bought")
        try await log.commit(
            [gone, other, EventLog.track(nil, "bought"), EventLog.track("ann", "seen")], to: projection)
        try await log.commit([EventLog.identify("ann", ["visitor_id": "v"], environmentID: 99)], to: projection)
        #expect(try await number(of: "reached_goals") == 0)
        #expect(try await number(of: "joined_visitors") == 0)
    }

    @Test func projectsThatCannotBeReadCostTheirTrackEventsOnly() async throws {
        let unreadable = UnservableProject(projectID: 1, reason: "broken", isSetAside: true)
        let failing = GoalProjection(store: temporary.store) { _ in throw unreadable }
        var log = EventLog()
        let events = [
            EventLog.track("ann", "bought", at: at), EventLog.identify("ann", ["visitor_id": "cookie"]),
            EventLog.track("ann", "seen", at: at),
        ]
        try await log.commit(events, to: failing)
        #expect(try await number(of: "set_aside WHERE kind = 'goals'") == 2)
        #expect(try await visitors.joined(to: ["ann"], environmentID: 1) == ["cookie"])

        let reread = EventLog.committed([events[0]])
        let again = ProjectionStep.again(reread.identifiers[0])
        await #expect(throws: UnservableProject.self) { try await failing.apply([reread], again) }
        try await projection.apply([reread], again)
        #expect(try await number(of: "set_aside WHERE kind = 'goals'") == 1)
        #expect(try await number(of: "reached_goals") == 1)
    }

    @Test func whoseReadingMayYetSucceedIsTriedAgain() async throws {
        let failing = GoalProjection(store: temporary.store) { _ in
            throw UnservableProject(projectID: 1, reason: "once", isSetAside: false)
        }
        var log = EventLog()
        await #expect(throws: UnservableProject.self) {
            try await log.commit([EventLog.track("ann", "bought", at: at)], to: failing)
        }
        #expect(try await failing.position() == nil)
    }

    @Test func deletionsKeepWhatIsOfOthersAndOfLater() async throws {
        try await temporary.store.write { database in
            for (id, environment) in [(10, "one"), (11, "two"), (12, "one")] {
                try database.execute(
                    sql: """
                        INSERT INTO resources
                            (id, project_id, kind, name, document, search_text, created_by, created_at, updated_at)
                        VALUES (?, 1, 'experience', 'e', json_object('environment', ?), '', '', 0, 0)
                        """, arguments: [id, environment])
            }
            let seconds = EventLog.receivedAt.seconds
            try database.execute(
                sql: """
                    INSERT INTO visitors (project_id, visitor_id, buckets, segments, updated_at)
                    VALUES (1, 'ann', ?, '{"country":"DE"}', 0), (1, 'bob', ?, '{"country":"DE"}', 0)
                    """,
                arguments: [
                    "{\"10\":[100,\(seconds)],\"11\":[110,\(seconds)],\"12\":[120,\(seconds + 9)]}",
                    "{\"10\":[100,\(seconds)],\"12\":[120,\(seconds + 9)]}",
                ])
        }
        try await visitors.delete(users: [(["ann", "bob"], EventLog.receivedAt)], environmentID: 1)
        let ann = try #require(try await visitors.visitor("ann", projectID: 1))
        #expect(ann.buckets == [11: 110, 12: 120] && ann.segments.members["country"] == "DE")
        let bob = try #require(try await visitors.visitor("bob", projectID: 1))
        #expect(bob.buckets == [12: 120] && bob.segments.members.isEmpty)
    }

    @Test func deletedUsersLeaveNothing() async throws {
        var log = EventLog()
        try await count(seenBy: "ann", "cookie", "bob")
        try await log.commit(
            [EventLog.identify("ann", ["visitor_id": "cookie"]), EventLog.track("ann", "bought", at: at)],
            to: projection)
        try await visitors.delete(users: [(["ann"], EventLog.receivedAt.adding(seconds: -1))], environmentID: 1)
        #expect(try await number(of: "visitors") == 3)
        try await visitors.removeReachedGoals(of: ["ann"], environmentID: 1, upTo: hand.now)
        try await visitors.delete(users: [(["ann"], hand.now)], environmentID: 1)
        #expect(try await number(of: "visitors") == 1)
        #expect(try await number(of: "joined_visitors") == 0)
        #expect(try await number(of: "reached_goals") == 0)
    }
}
