import TestSupport
import Testing
import Time

@testable import EventStore

/// Deduplication and failed commits, without the writer's thread.
@Suite struct EventCommitterTests {
    private let hand = HandClock()

    @Test func duplicatesAreFoundWithinABatchAndAcrossBatchesOfACommit() async throws {
        let log = try Log()
        let committer = try log.committer(hand.clock)
        let commit = try committer.commit([.withIDs(["a", "b", "a"]), .withIDs(["b", "c"]), .withIDs(["a"])])
        #expect(commit.outcomes.map { $0.map { $0 != .duplicate } } == [[true, true, false], [false, true], [false]])
        #expect(commit.acceptedCount == 3)
        #expect(commit.duplicateCount == 3)
        #expect(commit.stored.map(\.indices) == [[0, 1], [1]])
        #expect(commit.last == commit.outcomes[1][1].identifier)
        #expect(try await log.column("SELECT event_name FROM lake.main.events ORDER BY event_id") == ["a", "b", "c"])

        let again = try committer.commit([.withIDs(["c", "d"])])
        #expect(again.outcomes[0][0] == .duplicate)
        #expect(again.outcomes[0][1] != .duplicate)
        let nothing = try committer.commit([.withIDs(["a"])])
        #expect(nothing.last == nil)
        #expect(nothing.stored.isEmpty)
        #expect(try await log.count == 4)
    }

    @Test func eventsWithoutAnIdAreNeverDuplicates() async throws {
        let log = try Log()
        let commit = try log.committer(hand.clock).commit([.named(["a", "a"]), .named(["a"])])
        #expect(commit.acceptedCount == 3)
        #expect(Set(commit.outcomes.joined().compactMap(\.identifier)).count == 3)
        #expect(try await log.count == 3)
    }

    @Test func environmentsDoNotShareIds() async throws {
        let log = try Log()
        let commit = try log.committer(hand.clock).commit([.withIDs(["a"]), .withIDs(["a"], in: .second)])
        #expect(commit.acceptedCount == 2)
        #expect(try await log.column("SELECT environment_id FROM lake.main.events ORDER BY 1") == ["1", "2"])
    }

    @Test func idsAreRememberedForADayAndThenForgotten() throws {
        let log = try Log()
        let committer = try log.committer(hand.clock)
        _ = try committer.commit([.withIDs(["a"])])
        hand.advance(seconds: 24 * 3_600)
        #expect(try committer.commit([.withIDs(["a"])]).duplicateCount == 1)
        hand.advance(seconds: 8 * 3_600)
        #expect(try committer.commit([.withIDs(["a"])]).acceptedCount == 1)
    }

    @Test func idsAreRememberedAcrossARestart() throws {
        let log = try Log()
        _ = try log.committer(hand.clock).commit([.withIDs(["old"])])
        hand.advance(seconds: 10 * 3_600)
        _ = try log.committer(hand.clock).commit([.withIDs(["new"]), .withIDs(["other"], in: .second)])
        hand.advance(seconds: 13 * 3_600)
        let restarted = try log.committer(hand.clock)
        #expect(
            try restarted.commit([.withIDs(["old", "new", "other"])]).outcomes[0].map { $0 == .duplicate } == [
                true, true, false,
            ])
        hand.advance(seconds: 2 * 3_600)
        #expect(
            try log.committer(hand.clock).commit([.withIDs(["old", "new"])]).outcomes[0].map { $0 == .duplicate } == [
                false, true,
            ])
    }

    @Test func idsAreRememberedAcrossAKill() throws {
        let log = try Log()
        let ids = (0..<5_000).map { "id \($0)" }
        _ = try log.committer(hand.clock).commit([.withIDs(ids)])
        let survivor = try log.afterKill()
        let commit = try survivor.committer(hand.clock).commit([.withIDs(ids + ["one more"])])
        #expect(commit.duplicateCount == 5_000)
        #expect(commit.acceptedCount == 1)
    }

    @Test func aFailedCommitLeavesNothingAndMayBeSentAgain() async throws {
        let log = try Log()
        let committer = try log.committer(hand.clock)
        _ = try committer.commit([.withIDs(["before"])])
        try await log.execute("ALTER TABLE lake.main.events_1 RENAME TO hidden")
        for _ in 0..<3 {
            #expect(throws: (any Error).self) { try committer.commit([.withIDs(["a", "b"]), .named(["c"])]) }
        }
        try await log.execute("ALTER TABLE lake.main.hidden RENAME TO events_1")
        #expect(try await log.count == 1)
        let commit = try committer.commit([.withIDs(["a", "b"]), .withIDs(["before"])])
        #expect(commit.acceptedCount == 2)
        #expect(commit.duplicateCount == 1)
        #expect(
            try await log.column("SELECT event_name FROM lake.main.events ORDER BY event_id") == ["before", "a", "b"])
    }

    @Test func aFailedCommitOfManyRowsLeavesNothing() async throws {
        let log = try Log()
        let committer = try log.committer(hand.clock)
        try await log.execute("ALTER TABLE lake.main.events_1 RENAME TO hidden")
        // More than one chunk of the engine, and a part of another.
        let ids = (0..<5_000).map { "id \($0)" }
        #expect(throws: (any Error).self) { try committer.commit([.withIDs(ids)]) }
        try await log.execute("ALTER TABLE lake.main.hidden RENAME TO events_1")
        #expect(try committer.commit([.withIDs(["x"])]).acceptedCount == 1)
        #expect(try await log.column("SELECT event_name FROM lake.main.events") == ["x"])
        #expect(try committer.commit([.withIDs(ids)]).acceptedCount == 5_000)
        #expect(try await log.count == 5_001)
    }
}
