import TestSupport
import Testing
import Time

@testable import EventStore

@Suite struct ProjectionFeedTests {
    private let hand = HandClock()

    private func feed(_ projections: [any EventProjection]) -> ProjectionFeed {
        ProjectionFeed(projections: projections, logger: Log.logger)
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
        await feed.catchUp()
        #expect(projection.names == (0..<50).map { "e\($0)" })
        #expect(projection.names == (try await log.column("SELECT event_name FROM lake.main.events ORDER BY event_id")))
        #expect(projection.lastPosition == (try await log.store.lastIdentifier()))
        await writer.stop()
        run.cancel()
        await run.value
    }

    @Test func catchingUpWithNothingToDoReturns() async {
        await feed([RecordingProjection()]).catchUp()
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
                    await feed.catchUp()
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
        await feed.catchUp()
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
        await before.catchUp()
        run.cancel()
        await run.value
        // Nobody projects these: the process ends here.
        _ = try await first.write(.withIDs(["c", "d"]), priority: .live)
        _ = try await first.write(.withIDs(["d", "e"]), priority: .live)
        let survivor = try log.afterKill()
        await first.stop()

        let after = feed([projection, late])
        try await after.recover(from: survivor.store)
        #expect(projection.names == ["a", "b", "c", "d", "e"])
        #expect(late.names == ["a", "b", "c", "d", "e"])
        #expect(projection.lastPosition == (try await survivor.store.lastIdentifier()))
        let applications = projection.applications
        try await after.recover(from: survivor.store)
        #expect(projection.applications == applications)

        // And life goes on from there.
        let second = try EventWriter(store: survivor.store, feed: after, clock: hand.clock, logger: Log.logger)
        let secondRun = Task { await after.run() }
        _ = try await second.write(.withIDs(["e", "f"]), priority: .live)
        await after.catchUp()
        #expect(projection.names == ["a", "b", "c", "d", "e", "f"])
        await second.stop()
        secondRun.cancel()
        await secondRun.value
    }

    @Test func recoveryThatFailsIsToldAndGoesOnLater() async throws {
        let log = try Log()
        _ = try log.committer(hand.clock).commit([.named(["a"])])
        let projection = RecordingProjection()
        projection.failNext(1)
        await #expect(throws: RecordingProjection.Failure.self) {
            try await feed([projection]).recover(from: log.store)
        }
        try await feed([projection]).recover(from: log.store)
        #expect(projection.names == ["a"])
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
        await feed.catchUp()
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
        try await self.feed([projection]).recover(from: log.store)
        #expect(projection.names == ["a"])
    }
}
