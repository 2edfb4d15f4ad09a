import TestSupport
import Testing
import Time

@testable import EventStore

@Suite struct EventWriterTests {
    private let hand = HandClock()

    private func feed(_ projections: [any EventProjection] = [], maximumBytes: Int = .max) -> ProjectionFeed {
        ProjectionFeed(projections: projections, maximumBytes: maximumBytes, logger: Log.logger)
    }

    private func writer(
        _ log: Log, _ feed: ProjectionFeed? = nil, limits: EventWriter.Limits = EventWriter.Limits()
    ) throws -> EventWriter {
        try EventWriter(
            store: log.store, feed: feed ?? self.feed(), clock: hand.clock, limits: limits, logger: Log.logger)
    }

    @Test func manyWritersAtOnceEachGetTheirOwnIds() async throws {
        let log = try Log()
        let writer = try writer(log)
        let identifiers = try await withThrowingTaskGroup(of: [EventOutcome].self) { group in
            for number in 0..<300 {
                group.addTask {
                    let names = (0..<(number % 5 + 1)).map { "event \(number).\($0)" }
                    return try await writer.write(
                        .named(names), priority: number.isMultiple(of: 10) ? .background : .live)
                }
            }
            return try await group.reduce(into: [EventIdentifier]()) { $0 += $1.compactMap(\.identifier) }
        }
        let expected = (0..<300).reduce(0) { $0 + $1 % 5 + 1 }
        #expect(identifiers.count == expected)
        #expect(Set(identifiers).count == expected)
        let stored = try await log.column("SELECT event_id FROM lake.main.events ORDER BY event_id")
        #expect(stored == identifiers.sorted().map(\.description))
        #expect(try await log.column("SELECT count(DISTINCT event_name) FROM lake.main.events") == ["\(expected)"])
        await writer.stop()
    }

    @Test func aBatchKeepsItsOrder() async throws {
        let log = try Log()
        let writer = try writer(log)
        let names = (0..<3_000).map { "event \($0)" }
        let outcomes = try await writer.write(.named(names), priority: .live)
        #expect(outcomes.compactMap(\.identifier) == outcomes.compactMap(\.identifier).sorted())
        #expect(try await log.column("SELECT event_name FROM lake.main.events ORDER BY event_id") == names)
        await writer.stop()
    }

    @Test func concurrentRetriesOfOneRequestStoreItOnce() async throws {
        let log = try Log()
        let writer = try writer(log)
        let accepted = try await withThrowingTaskGroup(of: [EventOutcome].self) { group in
            for _ in 0..<50 {
                group.addTask { try await writer.write(.withIDs(["a", "b"]), priority: .live) }
            }
            return try await group.reduce(into: 0) { $0 += $1.compactMap(\.identifier).count }
        }
        #expect(accepted == 2)
        #expect(try await log.count == 2)
        await writer.stop()
    }

    @Test func anEmptyBatchIsAnswered() async throws {
        let log = try Log()
        let writer = try writer(log)
        #expect(try await writer.write(.named([]), priority: .live).isEmpty)
        await writer.stop()
    }

    @Test func acknowledgedEventsSurviveAKill() async throws {
        let log = try Log()
        let writer = try writer(log)
        let first = try await writer.write(.named(["a", "b"]), priority: .live)
        #expect(log.hasWriteAheadLog)
        let survivor = try log.afterKill()
        #expect(
            try await survivor.column("SELECT event_id FROM lake.main.events ORDER BY event_id")
                == first.map { $0.identifier?.description })
        await writer.stop()
    }

    @Test func stoppingWritesWhatIsQueuedAndRefusesTheRest() async throws {
        let log = try Log()
        let writer = try writer(log)
        let accepted = await withTaskGroup(of: Int.self) { group in
            for number in 0..<200 {
                group.addTask {
                    do {
                        return try await writer.write(.named(["event \(number)"]), priority: .live).count
                    } catch EventWriteError.stopped {
                        return 0
                    } catch {
                        Issue.record("\(error)")
                        return 0
                    }
                }
            }
            group.addTask {
                await writer.stop()
                return 0
            }
            return await group.reduce(0, +)
        }
        #expect(try await log.count == accepted)
        await #expect(throws: EventWriteError.self) { try await writer.write(.named(["late"]), priority: .live) }
        #expect(try await log.count == accepted)
        await writer.stop()
    }

    @Test func aFeedThatFallsBehindTurnsEventsAway() async throws {
        let log = try Log()
        let feed = feed([RecordingProjection()], maximumBytes: 1)
        let writer = try writer(log, feed)
        _ = try await writer.write(.named(["a"]), priority: .live)
        do {
            _ = try await writer.write(.named(["b"]), priority: .live)
            Issue.record("nothing held the event back")
        } catch {
            guard case .overloaded(let seconds) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(seconds > 0)
        }
        #expect(try await log.count == 1)
        let run = Task { await feed.run() }
        try await feed.catchUp()
        _ = try await writer.write(.named(["b"]), priority: .live)
        #expect(try await log.count == 2)
        await writer.stop()
        run.cancel()
        await run.value
    }

    @Test func aRefusedCommitIsToldAndPassesByItself() async throws {
        let log = try Log()
        let writer = try writer(log)
        #expect(writer.failure == nil)
        try await log.execute("ALTER TABLE lake.main.events_1 RENAME TO hidden")
        do {
            _ = try await writer.write(.withIDs(["a"]), priority: .live)
            Issue.record("the commit went through without a table")
        } catch {
            guard case .failed = error else {
                Issue.record("\(error)")
                return
            }
            // The engine's own words are for the operator.
            #expect(!error.message.contains("Catalog"))
        }
        #expect(writer.failure != nil)
        try await log.execute("ALTER TABLE lake.main.hidden RENAME TO events_1")
        #expect(try await writer.write(.withIDs(["a"]), priority: .live)[0] != .duplicate)
        #expect(writer.failure == nil)
        #expect(try await log.count == 1)
        await writer.stop()
    }

    @Test func aWriterContinuesWhereTheLastOneEnded() async throws {
        let log = try Log()
        let first = try writer(log)
        let a = try await first.write(.withIDs(["a"]), priority: .live)
        await first.stop()
        hand.advance(seconds: -60)
        let second = try writer(log)
        let outcomes = try await second.write(.withIDs(["a", "b"]), priority: .live)
        #expect(outcomes[0] == .duplicate)
        let before = try #require(a[0].identifier)
        let after = try #require(outcomes[1].identifier)
        #expect(before < after)
        await second.stop()
    }
}
