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

@Suite struct TrackerTests {
    private let temporary: TemporaryStore
    private let events: EventStore
    private let hand = HandClock()
    private let project = TrackedProject(
        ServedProject(
            accountID: 1, project: ["id": 1],
            experiences: [
                ["id": 10, "status": "active", "goals": [], "variations": [["id": 100, "status": "running"]]]
            ]))

    init() throws {
        temporary = try TemporaryStore()
        events = try EventStore(
            path: temporary.folder.file("events.duckdb"), settings: EventStore.Settings(), logger: Logger(label: "test")
        )
    }

    private func tracker() -> Tracker {
        Tracker(store: temporary.store, events: events, clock: hand.clock, logger: Logger(label: "test")) { _ in nil }
    }

    private func running<Result: Sendable>(_ body: (Tracker) async throws -> Result) async throws -> Result {
        let tracker = tracker()
        let loop = Task { await tracker.run() }
        let result = try await body(tracker)
        loop.cancel()
        _ = await loop.result
        return result
    }

    private func batch(_ visitors: some Sequence<Int>) -> TrackingBatch {
        TrackingBatch(
            isEnriched: true,
            visitors: visitors.map {
                TrackingBatch.Visitor(id: "v\($0)", events: [.bucketing(experienceID: 10, variationID: 100)])
            })
    }

    private func stored() async throws -> [String] {
        try await events.recentEvents(ExperimentEventFilter(projectIDs: [1]), limit: 100_000).map(\.visitorID)
    }

    private func outbox() async throws -> Int {
        try await temporary.store.read {
            try $0.value(Int.self, sql: "SELECT count(*) FROM exposure_outbox") ?? -1
        }
    }

    @Test func manyRequestsAtOnceAreStoredOnceEach() async throws {
        let rejections = try await running { tracker in
            try await withThrowingTaskGroup(of: [TrackingRejection: Int].self) { group in
                for number in 0..<200 {
                    group.addTask {
                        try await tracker.track(batch([number / 2]), project: project, environment: nil)
                    }
                }
                return try await group.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }
            }
        }
        #expect(rejections == [.repeated: 100])
        let stored = try await stored()
        #expect(stored.count == 100 && Set(stored).count == 100)
        #expect(try await outbox() == 0)
    }

    /// The process died between the two stores: before the events got to the event store, or just after.
    @Test(arguments: [false, true]) func theOutboxIsDeliveredOnce(wasDelivered: Bool) async throws {
        let lost = ExperimentEvent(
            id: EventIdentifier(earliestAt: hand.now), environmentID: 1, projectID: 1, kind: .viewExperience,
            occurredAt: hand.now, receivedAt: hand.now, visitorID: "lost",
            assignments: [.init(experienceID: 10, variationID: 100)])
        let encoded = Data(ExperimentEvent.encoded([lost]))
        if wasDelivered { try await events.append([lost]) }
        try await write(encoded, first: lost.id)
        _ = try await running { try await $0.track(batch([1]), project: project, environment: nil) }
        #expect(try await stored() == ["v1", "lost"])
        #expect(try await outbox() == 0)
    }

    /// What was deleted between the delivery and the crash does not come back, nor do others come twice.
    @Test func aDeletionDoesNotUndoADelivery() async throws {
        var identifiers = EventIdentifierSequence(after: nil)
        let piece = ["gone", "stays"].map { visitor in
            ExperimentEvent(
                id: identifiers.next(at: hand.now), environmentID: 1, projectID: 1, kind: .viewExperience,
                occurredAt: hand.now, receivedAt: hand.now, visitorID: visitor,
                assignments: [.init(experienceID: 10, variationID: 100)])
        }
        try await events.append(piece)
        try await write(Data(ExperimentEvent.encoded(piece)), first: piece[0].id)
        _ = try await events.deleteEvents(
            of: .users, ids: [], visitors: ["gone"], environmentID: 1,
            upTo: LogPosition(at: hand.now.adding(seconds: 1)))
        try await running { try await $0.settle() }
        let left = try await events.recentEvents(ExperimentEventFilter(projectIDs: [1]), limit: 10)
        // A second row would be a second assignment.
        #expect(left.map(\.assignments.count) == [1])
        #expect(try await stored() == ["stays"])
        #expect(try await outbox() == 0)
    }

    /// Written down by a version that did so in the columns of the table.
    @Test func rowsOfBeforeAreDelivered() async throws {
        let id = EventIdentifier(earliestAt: hand.now)
        let rows: JSONValue = [
            [
                "environment_id": 1, "project_id": 1, "exposure_id": .string(id.description),
                "event_type": "view_experience", "occurred_at": "2025-06-15T15:06:40.000000Z",
                "received_at": "2025-06-15T15:06:40.000000Z", "visitor_id": "old", "experience_id": 10,
                "variation_id": 100, "devices": ["iPhone"], "sources": [], "custom_segments": [7],
            ]
        ]
        try await write(Data(rows.encoded()), first: id)
        try await running { try await $0.settle() }
        #expect(try await stored() == ["old"])
        #expect(try await outbox() == 0)
    }

    private func write(_ events: Data, first: EventIdentifier) async throws {
        try await temporary.store.write {
            try $0.execute(
                sql: "INSERT INTO exposure_outbox (first_exposure_id, events) VALUES (?, ?)",
                arguments: [first.description, events])
        }
    }

    @Test func muchGoesInPieces() async throws {
        let visitors = TrackingBatch(
            isEnriched: false,
            visitors: [
                TrackingBatch.Visitor(
                    id: "v",
                    events: Array(repeating: .bucketing(experienceID: 10, variationID: 100), count: 20_500))
            ])
        let rejections = try await running { try await $0.track(visitors, project: project, environment: nil) }
        #expect(rejections.isEmpty)
        #expect(try await stored().count == 20_500)
    }

    @Test func whatCouldNotBeReadIsCountedOnce() async throws {
        var visitors = batch(0..<9_000)
        visitors.refused = [.malformed: 3, .eventType: 1]
        visitors.leftOut = [.amount: 2]
        #expect(visitors.count == 9_004)
        let pieces = visitors.pieces(ofWeight: 4_000)
        #expect(pieces.allSatisfy { $0.weight <= 4_000 } && pieces.flatMap { $0.visitors.map(\.id) }.count == 9_000)
        #expect(
            pieces.reduce(0) { $0 + $1.count } == 9_004
                && pieces.map(\.leftOut.count) == [1] + pieces.dropFirst().map { _ in 0 })
        let sent = visitors
        let rejections = try await running { try await $0.track(sent, project: project, environment: nil) }
        #expect(rejections == [.malformed: 3, .eventType: 1])
        #expect(try await stored().count == 9_000)
    }

    @Test func aProjectThatGoesTakesNobodyAlong() async throws {
        let gone = TrackedProject(
            ServedProject(accountID: 1, project: ["id": 99], goals: [["id": 5, "status": "active"]]))
        let bought = TrackingBatch.Event.conversion(.init(goalID: 5, revenue: 1, transactionID: "t"))
        let orphan = TrackingBatch(isEnriched: true, visitors: [TrackingBatch.Visitor(id: "a", events: [bought])])
        try await running { tracker in
            async let first = tracker.track(orphan, project: gone, environment: nil)
            async let second = tracker.track(batch([1]), project: project, environment: nil)
            let rejections = try await [first, second]
            #expect(rejections == [[.transaction: 1], [:]])
        }
        #expect(try await stored() == ["v1"])
    }

    @Test func visitorsWhoseBytesDifferAreTwo() async throws {
        let seen = TrackingBatch.Event.bucketing(experienceID: 10, variationID: 100)
        let twins = TrackingBatch(
            isEnriched: true,
            visitors: ["\u{E9}", "e\u{301}"].map { TrackingBatch.Visitor(id: $0, events: [seen]) })
        let rejections = try await running { try await $0.track(twins, project: project, environment: nil) }
        #expect(rejections.isEmpty)
        #expect(try await stored().count == 2)
    }

    @Test func whoOnlyCameByIsNotKept() async throws {
        let batch = TrackingBatch(
            isEnriched: true,
            visitors: [
                TrackingBatch.Visitor(id: "a", events: []),
                TrackingBatch.Visitor(id: "b", events: [.bucketing(experienceID: 77, variationID: 1)]),
            ])
        _ = try await running { try await $0.track(batch, project: project, environment: nil) }
        let kept = try await temporary.store.read {
            try $0.value(Int.self, sql: "SELECT count(*) FROM visitors")
        }
        #expect(kept == 0)
    }

    @Test func trafficIsCountedAsItComes() async throws {
        try await temporary.store.write { database in
            try database.execute(
                sql: """
                    INSERT INTO resources
                        (id, project_id, kind, name, document, search_text, created_by, created_at, updated_at)
                    VALUES (10, 1, 'experience', 'e', '{}', '', '', 0, 0)
                    """)
        }
        let store = TrafficStore(store: temporary.store)
        let reached = TrackingBatch(
            isEnriched: true,
            visitors: [TrackingBatch.Visitor(id: "v1", events: [.conversion(.init(goalID: 5))])])
        var remembering = batch([1, 4])
        remembering.isEnriched = false
        try await running { [remembering] tracker in
            for batch in [batch([1, 2, 3]), batch([1, 2]), remembering, reached, reached] {
                _ = try await tracker.track(batch, project: measured, environment: nil)
            }
        }
        let traffic = try #require(try await store.traffic(projectID: 1)[10])
        #expect(traffic.visitors == 4 && traffic.conversions == 1)
        #expect(try await store.traffic(projectID: 2).isEmpty)
        try await temporary.store.write { try $0.execute(sql: "DELETE FROM resources") }
        #expect(try await store.traffic(projectID: 1).isEmpty)
    }

    /// Each once, also when all is sent again.
    @Test func whatHappenedInThePastIsStoredAsOfThen() async throws {
        let bought = TrackingBatch.Event.conversion(.init(goalID: 5, revenue: 2, transactionID: "t"))
        let past = [-86_400, -86_000].map { hand.now.adding(seconds: $0) }
        let batch = TrackingBatch(
            isEnriched: true,
            visitors: [
                .init(
                    id: "v1", events: [.bucketing(experienceID: 10, variationID: 100)], occurredAt: past[0]),
                .init(id: "v1", events: [bought], occurredAt: past[1]),
            ])
        let rejected = try await running { tracker in
            _ = try await tracker.track(batch, project: measured, environment: nil)
            return try await tracker.track(batch, project: measured, environment: nil)
        }
        #expect(rejected == [.repeated: 1, .transaction: 1])
        let stored = try await events.recentEvents(ExperimentEventFilter(projectIDs: [1]), limit: 10)
        #expect(Set(stored.map(\.occurredAt)) == Set(past) && stored.allSatisfy { $0.receivedAt == hand.now })
        #expect(stored.map(\.kind.rawValue).sorted() == ["conversion", "transaction", "view_experience"])
    }

    @Test func piecesOfVisitsKeepTheirTime() {
        let events = Array(repeating: TrackingBatch.Event.bucketing(experienceID: 10, variationID: 100), count: 5)
        let batch = TrackingBatch(
            isEnriched: true, visitors: [.init(id: "v1", events: events, occurredAt: hand.now)])
        let pieces = batch.pieces(ofWeight: 3)
        #expect(pieces.count > 1 && pieces.flatMap(\.visitors).allSatisfy { $0.occurredAt == hand.now })
    }

    private let measured = TrackedProject(
        ServedProject(
            accountID: 1, project: ["id": 1], goals: [["id": 5, "status": "active"]],
            experiences: [
                ["id": 10, "status": "active", "goals": [5], "variations": [["id": 100, "status": "running"]]]
            ]))

    @Test func nothingIsTakenAfterTheEnd() async throws {
        let tracker = tracker()
        let loop = Task { await tracker.run() }
        loop.cancel()
        await loop.value
        await #expect(throws: TrackingError.failed) {
            try await tracker.track(batch([1]), project: project, environment: nil)
        }
    }

    @Test func whatIsKnownOfVisitorsOutlivesTheProcess() async throws {
        _ = try await running { try await $0.track(batch([1]), project: project, environment: nil) }
        let again = try await running { try await $0.track(batch([1, 2]), project: project, environment: nil) }
        #expect(again == [.repeated: 1])
        let known = try #require(try await VisitorStore(store: temporary.store).visitor("v1", projectID: 1))
        #expect(known.buckets == [10: 100])
        #expect(try await VisitorStore(store: temporary.store).visitor("v1", projectID: 2) == nil)
    }
}
