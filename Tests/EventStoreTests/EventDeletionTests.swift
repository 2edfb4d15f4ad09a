import TestSupport
import Testing
import Time

@testable import EventStore

@Suite struct EventDeletionTests {
    private let hand = HandClock()

    private func company(_ id: String, user: String, name: String) -> EventBatch {
        var builder = EventBatchBuilder(receivedAt: HandClock.start)
        builder.begin(.track, in: .first, source: .backendHTTP, surface: .sextant, occurredAt: HandClock.start)
        builder.set(.eventName, to: name)
        builder.set(.userID, to: user)
        builder.set(.companyID, to: id)
        builder.finish(in: .first)
        return builder.build()
    }

    @Test func onlyTheNamedIdsOfTheEnvironmentGo() async throws {
        let log = try Log()
        let commit = try log.committer(hand.clock).commit([
            .named(["1"], user: "a"), .named(["2"], user: "b"), .named(["3"], user: "a", in: .second),
            .named(["4"], user: "A"), .named(["5"], user: "a"),
        ])
        let last = try #require(commit.end)
        let hostile = ["a", "nobody", "'; DELETE FROM lake.main.events --", "%", ""]
        #expect(try await log.store.deleteEvents(of: .users, ids: hostile, environmentID: 1, upTo: last) == 2)
        #expect(
            try await log.column("SELECT event_name FROM lake.main.events ORDER BY event_id") == ["2", "3", "4"])
    }

    @Test func whatCameAfterTheRequestStays() async throws {
        let log = try Log()
        let committer = try log.committer(hand.clock)
        let before = try committer.commit([.named(["before"], user: "a")])
        let last = try #require(before.end)
        _ = try committer.commit([.named(["after"], user: "a")])
        #expect(try await log.store.deleteEvents(of: .users, ids: ["a"], environmentID: 1, upTo: last) == 1)
        #expect(try await log.column("SELECT event_name FROM lake.main.events") == ["after"])
        #expect(try await log.store.deleteEvents(of: .users, ids: ["a"], environmentID: 1, upTo: last) == 0)
    }

    @Test func companiesGoByTheirOwnId() async throws {
        let log = try Log()
        let commit = try log.committer(hand.clock).commit([
            company("x", user: "y", name: "1"), company("y", user: "x", name: "2"), .named(["3"], user: "x"),
        ])
        let last = try #require(commit.end)
        #expect(try await log.store.deleteEvents(of: .companies, ids: ["x"], environmentID: 1, upTo: last) == 1)
        #expect(try await log.column("SELECT event_name FROM lake.main.events ORDER BY event_id") == ["2", "3"])
    }

    @Test func deletionsSurviveAKill() async throws {
        let log = try Log()
        let gone = "somebody"
        let commit = try log.committer(hand.clock).commit([.named(["1"], user: gone), .named(["2"], user: "other")])
        let last = try #require(commit.end)
        #expect(try await log.store.deleteEvents(of: .users, ids: [gone], environmentID: 1, upTo: last) == 1)
        let survivor = try log.afterKill()
        #expect(try await survivor.column("SELECT event_name FROM lake.main.events") == ["2"])
    }

    @Test func deletingWhileEventsArriveLosesNone() async throws {
        let log = try Log()
        let feed = ProjectionFeed(projections: [], logger: Log.logger)
        let writer = try EventWriter(store: log.store, feed: feed, clock: hand.clock, logger: Log.logger)
        let outcomes = try await writer.write(
            .named((0..<1_000).map { "doomed \($0)" }, user: "gone"), priority: .live)
        let last = try #require(outcomes.last?.identifier)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<100 {
                group.addTask { _ = try await writer.write(.named(["kept \(number)"], user: "stays"), priority: .live) }
            }
            group.addTask {
                let count = try await log.store.deleteEvents(
                    of: .users, ids: ["gone"], environmentID: 1, upTo: LogPosition(after: last))
                #expect(count == 1_000)
            }
            try await group.waitForAll()
        }
        #expect(try await log.count == 100)
        #expect(writer.failure == nil)
        await writer.stop()
    }
}
