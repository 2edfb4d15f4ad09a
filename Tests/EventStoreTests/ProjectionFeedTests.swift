import TestSupport
import Testing
import Time

@testable import EventStore

@Suite struct ProjectionFeedTests {
    private let hand = HandClock()

    private func feed(_ projections: [any EventProjection], log: Log? = nil) -> ProjectionFeed {
        ProjectionFeed(projections: projections, log: log?.store, logger: Log.logger)
    }

    /// Runs a feed until it has caught up.
    private func settle(_ feed: ProjectionFeed) async throws {
        let run = Task { await feed.run() }
        try await feed.catchUp()
        run.cancel()
        await run.value
    }

    private func writer(_ log: Log, _ feed: ProjectionFeed) throws -> EventWriter {
        try EventWriter(store: log.store, feed: feed, clock: hand.clock, logger: Log.logger)
    }

    @Test func eventsAreAppliedInLogOrderWithoutDuplicates() async throws {
        let log = try Log()
        let projection = RecordingProjection()
        let feed = feed([projection])
        let writer = try writer(log, feed)
        let run = Task { await feed.run() }
        for number in 0..<50 {
            _ = try await writer.write(.withIDs(["e\(number)", "e\(max(number - 1, 0))"]), priority: .live)
        }
        try await feed.catchUp()
        #expect(projection.names == (0..<50).map { "e\($0)" })
        #expect(projection.names == (try await log.column("SELECT event_name FROM lake.main.events ORDER BY event_id")))
        #expect(projection.lastPosition == (try await log.store.end()))
        await writer.stop()
        run.cancel()
        await run.value
    }

    @Test func catchingUpWithNothingToDoReturns() async throws {
        try await feed([RecordingProjection()]).catchUp()
    }

    @Test func whoNeedsAnEventWaitsForNoLaterOnes() async throws {
        let log = try Log()
        let projection = RecordingProjection()
        let feed = feed([projection])
        let writer = try writer(log, feed)
        _ = try await writer.write(.named(["a"]), priority: .live)
        let first = try #require(try await log.store.end())
        try await settle(feed)
        _ = try await writer.write(.named(["b"]), priority: .live)
        let second = try #require(try await log.store.end())
        // Nobody runs it: what is not there does not come.
        try await feed.catchUp(to: first)
        let waiting = Task { try await feed.catchUp(to: second) }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        let run = Task { await feed.run() }
        try await feed.catchUp(to: second)
        #expect(projection.names == ["a", "b"])
        try await feed.catchUp(to: .end)
        await writer.stop()
        run.cancel()
        await run.value
    }

    @Test func manyMayCatchUpAtOnce() async throws {
        let log = try Log()
        let projection = RecordingProjection()
        let feed = feed([projection])
        let writer = try writer(log, feed)
        let run = Task { await feed.run() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask {
                    _ = try await writer.write(.named(["\(number)"]), priority: .live)
                    try await feed.catchUp()
                    #expect(projection.names.contains("\(number)"))
                }
            }
            try await group.waitForAll()
        }
        #expect(projection.names.count == 40)
        await writer.stop()
        run.cancel()
        await run.value
    }

    @Test func aFailingProjectionIsTriedAgainAndTheOtherIsNot() async throws {
        let log = try Log()
        let failing = RecordingProjection()
        let sound = RecordingProjection()
        failing.failNext(2)
        let feed = feed([failing, sound])
        let writer = try writer(log, feed)
        _ = try await writer.write(.named(["a", "b"]), priority: .live)
        let run = Task { await feed.run() }
        try await feed.catchUp()
        #expect(failing.names == ["a", "b"])
        #expect(failing.applications == 3)
        #expect(sound.names == ["a", "b"])
        #expect(sound.applications == 1)
        await writer.stop()
        run.cancel()
        await run.value
    }

    @Test func whatWasCommittedButNotProjectedIsRecoveredOnce() async throws {
        let log = try Log()
        let projection = RecordingProjection()
        let late = RecordingProjection()
        let before = feed([projection])
        let first = try writer(log, before)
        let run = Task { await before.run() }
        _ = try await first.write(.named(["a", "b"]), priority: .live)
        try await before.catchUp()
        run.cancel()
        await run.value
        // Nobody projects these: the process ends here.
        _ = try await first.write(.withIDs(["c", "d"]), priority: .live)
        _ = try await first.write(.withIDs(["d", "e"]), priority: .live)
        let survivor = try log.afterKill()
        await first.stop()

        let after = feed([projection, late], log: survivor)
        #expect(after.progress != nil)
        try await settle(after)
        #expect(after.progress == nil)
        #expect(projection.names == ["a", "b", "c", "d", "e"])
        #expect(late.names == ["a", "b", "c", "d", "e"])
        #expect(projection.lastPosition == (try await survivor.store.end()))
        let applications = projection.applications
        try await settle(feed([projection, late], log: survivor))
        #expect(projection.applications == applications)

        // And life goes on from there.
        let living = feed([projection, late], log: survivor)
        let second = try EventWriter(store: survivor.store, feed: living, clock: hand.clock, logger: Log.logger)
        _ = try await second.write(.withIDs(["e", "f"]), priority: .live)
        let secondRun = Task { await living.run() }
        _ = try await second.write(.withIDs(["g"]), priority: .live)
        try await living.catchUp()
        #expect(projection.names == ["a", "b", "c", "d", "e", "f", "g"])
        await second.stop()
        secondRun.cancel()
        await secondRun.value
    }

    @Test func whatComesInBeforeTheRecoveryIsOverIsAppliedOnceAndInOrder() async throws {
        let log = try Log()
        let names = (0..<500).map { "stored \($0)" }
        _ = try log.committer(hand.clock).commit([.named(names)])
        let projection = RecordingProjection()
        let feed = feed([projection], log: log)
        let writer = try writer(log, feed)
        let run = Task { await feed.run() }
        for number in 0..<200 { _ = try await writer.write(.named(["live \(number)"]), priority: .live) }
        try await feed.catchUp()
        #expect(projection.names == names + (0..<200).map { "live \($0)" })
        await writer.stop()
        run.cancel()
        await run.value
    }

    @Test func whoCannotWaitIsToldHowFarItIs() async throws {
        let log = try Log()
        _ = try log.committer(hand.clock).commit([.named(["a"])])
        let feed = feed([RecordingProjection()], log: log)
        // Nobody runs it.
        await #expect(throws: ProjectionsBehind.self) { try await feed.catchUp(within: .milliseconds(20)) }
        await #expect(throws: ProjectionsBehind.self) { try await feed.recovered(within: .milliseconds(20)) }
        let waiting = Task { try await feed.catchUp() }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        try await settle(feed)
        try await feed.recovered(within: .zero)
    }

    @Test func whatCannotBeAppliedIsSetAsideAndNothingElse() async throws {
        let log = try Log()
        let poisoned = RecordingProjection(poison: ["13", "14", "77", "99"])
        let sound = RecordingProjection()
        let feed = feed([poisoned, sound])
        let writer = try writer(log, feed)
        for number in 0..<10 {
            _ = try await writer.write(.named((0..<10).map { "\(number * 10 + $0)" }), priority: .live)
        }
        let run = Task { await feed.run() }
        try await feed.catchUp()
        let all = (0..<100).map { "\($0)" }
        #expect(poisoned.names == all.filter { !["13", "14", "77", "99"].contains($0) })
        #expect(poisoned.setAside == ["13", "14", "77", "99"])
        #expect(poisoned.lastPosition == (try await log.store.end()))
        #expect(sound.names == all && sound.setAside == [])
        _ = try await writer.write(.named(["later"]), priority: .live)
        try await feed.catchUp()
        #expect(poisoned.names.last == "later")
        await writer.stop()
        run.cancel()
        await run.value
    }

    @Test func recoverySetsAsideWhatCannotBeApplied() async throws {
        let log = try Log()
        _ = try log.committer(hand.clock).commit([.named(["a", "bad", "c"])])
        let projection = RecordingProjection(poison: ["bad"])
        try await settle(feed([projection], log: log))
        #expect(projection.names == ["a", "c"] && projection.setAside == ["bad"])
        #expect(projection.lastPosition == (try await log.store.end()))
    }

    @Test func troubleOfTheStoreIsWaitedOut() async throws {
        let log = try Log()
        let projection = RecordingProjection()
        projection.troubleNext(5)
        let feed = feed([projection])
        let writer = try writer(log, feed)
        _ = try await writer.write(.named(["a"]), priority: .live)
        try await settle(feed)
        #expect(projection.names == ["a"] && projection.setAside == [])
        #expect(projection.applications == 6)
        await writer.stop()
    }

    @Test func nothingFollowsWhatAStopCutOff() async throws {
        let log = try Log()
        let projection = RecordingProjection()
        projection.failNext(.max)
        let feed = feed([projection])
        let writer = try writer(log, feed)
        _ = try await writer.write(.named(["innocent"]), priority: .live)
        let run = Task { await feed.run() }
        while projection.applications == 0 { await Task.yield() }
        _ = try await writer.write(.named(["later"]), priority: .live)
        run.cancel()
        await run.value
        await writer.stop()
        #expect(projection.lastPosition == nil)
        projection.failNext(0)
        try await settle(self.feed([projection], log: log))
        #expect(projection.names == ["innocent", "later"])
    }

    @Test func shuttingDownProjectsWhatIsLeft() async throws {
        let log = try Log()
        let projection = RecordingProjection()
        let feed = feed([projection])
        let writer = try writer(log, feed)
        for number in 0..<20 { _ = try await writer.write(.named(["\(number)"]), priority: .live) }
        await writer.stop()
        let run = Task { await feed.run() }
        run.cancel()
        await run.value
        #expect(projection.names == (0..<20).map { "\($0)" })
        try await feed.catchUp()
    }

    @Test func shuttingDownDoesNotWaitForAProjectionThatFails() async throws {
        let log = try Log()
        let projection = RecordingProjection()
        projection.failNext(.max)
        let feed = feed([projection])
        let writer = try writer(log, feed)
        _ = try await writer.write(.named(["a"]), priority: .live)
        await writer.stop()
        let run = Task { await feed.run() }
        run.cancel()
        await run.value
        // Its position stands still, so the next start applies the event.
        #expect(projection.lastPosition == nil)
        projection.failNext(0)
        try await settle(self.feed([projection], log: log))
        #expect(projection.names == ["a"])
    }
}
