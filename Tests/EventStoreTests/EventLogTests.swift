import JSON
import TestSupport
import Testing
import Text
import Time

@testable import EventStore

/// What goes into the log comes out of it: through the engine, a restart, a kill, and replay.
@Suite struct EventLogTests {
    private let hand = HandClock()

    /// One event with everything, one with nothing, one with the awkward.
    private func batch() -> EventBatch {
        var builder = EventBatchBuilder(receivedAt: Timestamp(microseconds: 1_750_000_000_000_001))
        builder.begin(
            .interaction, in: .second, source: .backendSegment, surface: .userpilot,
            occurredAt: Timestamp(microseconds: 1_749_999_999_123_456))
        for field in EventField.allCases where field != .properties { builder.set(field, to: "\(field) ÄÖ 🎉") }
        builder.set(.properties, to: "{ \"a\" : [1.50, null],\n\"b\":\"x\" }")
        builder.setScreen(width: 65_535, height: 0)
        builder.finish(in: .second)
        builder.begin(
            .identifyCompany, in: .first, source: .webClient, surface: .sextant, occurredAt: Timestamp(microseconds: 0))
        builder.finish(in: .first)
        builder.begin(
            .track, in: .first, source: .backendHTTPImport, surface: .sextant,
            occurredAt: Timestamp(microseconds: 253_402_300_799_999_999))
        for field in EventField.allCases where field != .properties { builder.set(field, to: "") }
        builder.set(.properties, to: "{\"long\":\"\(String(repeating: "é", count: 65_535))\"}")
        builder.set(.userAgent, to: String(repeating: "y", count: 65_535))
        builder.finish(in: .first)
        return builder.build()
    }

    private func expectEqual(_ left: EventView, _ right: EventView) {
        #expect(left.environmentID == right.environmentID)
        #expect(left.projectID == right.projectID)
        #expect(left.type == right.type)
        #expect(left.source == right.source)
        #expect(left.surface == right.surface)
        #expect(left.occurredAt == right.occurredAt)
        #expect(left.receivedAt == right.receivedAt)
        #expect(left.screenWidth == right.screenWidth)
        #expect(left.screenHeight == right.screenHeight)
        #expect(left.internalEventID == right.internalEventID)
        for field in EventField.allCases { #expect(left[field] == right[field], "\(field)") }
    }

    @Test func replayEqualsWhatWasWritten() async throws {
        let log = try Log()
        let batch = batch()
        let commit = try log.committer(hand.clock).commit([batch])
        let replay = try #require(try await log.store.replay(after: nil, upTo: .end, limit: 100))
        #expect(replay.identifiers == commit.outcomes[0].map(\.identifier))
        #expect(replay.indices == [0, 1, 2])
        for index in 0..<3 { expectEqual(replay.batch[index], batch[index]) }
        let properties = try JSONDocument(parsing: "{\"a\":[1.5,null],\"b\":\"x\"}")
        #expect(replay.batch[0].propertyShape == PropertyShape.of(properties.root))
        #expect(try await log.store.replay(after: commit.end, upTo: .end, limit: 100)?.identifiers == nil)
        let second = try #require(try await log.store.event(replay.identifiers[1]))
        #expect(second.identifiers == [replay.identifiers[1]])
        expectEqual(second.batch[0], batch[1])
        #expect(try await log.store.event(EventIdentifier(value: .max))?.identifiers == nil)
    }

    @Test func replayGoesInPagesByCountAndBySize() async throws {
        let log = try Log()
        let commit = try log.committer(hand.clock).commit([.named((0..<5).map { "e\($0)" })])
        let ids = commit.outcomes[0].compactMap(\.identifier)
        let first = try #require(try await log.store.replay(after: nil, upTo: .end, limit: 2))
        #expect(first.batch.count == 2)
        #expect(first.identifiers.last == ids[1])
        let second = try #require(try await log.store.replay(after: LogPosition(after: ids[1]), upTo: .end, limit: 100))
        #expect((0..<second.batch.count).map { second.batch[$0][.eventName] } == ["e2", "e3", "e4"])
        let positions = ids.map(LogPosition.init(after:))
        #expect(try await log.store.replay(after: nil, upTo: positions[2], limit: 100)?.identifiers == Array(ids[...2]))
        #expect(try await log.store.count(after: positions[0], upTo: positions[3]) == 3)
        // However small the memory, one event at a time always fits.
        let small = try #require(
            try await log.store.replay(after: nil, upTo: .end, limit: 100, maximumTextBytes: 1))
        #expect(small.batch.count == 1)
        #expect(small.identifiers.last == ids[0])
    }

    /// Every column of every row, as text, in log order. Sorted here: when the engine sorts a column of a few very long
    /// texts among NULLs, it reserves room as if every row were that long.
    private func everything(_ log: Log) async throws -> [[String?]] {
        try await log.rows("SELECT * FROM lake.main.events").sorted { ($0[2] ?? "") < ($1[2] ?? "") }
    }

    @Test func everyColumnHoldsWhatWasGiven() async throws {
        let log = try Log()
        let batch = batch()
        let ids = try log.committer(hand.clock).commit([batch]).outcomes[0].compactMap(\.identifier)
        let rows = try await everything(log)
        let names = try await log.column("SELECT column_name FROM (DESCRIBE lake.main.events)").compactMap { $0 }
        #expect(names == EventTable.columns.map(\.name))
        for (index, row) in rows.enumerated() {
            let event = batch[index]
            let cells = Dictionary(uniqueKeysWithValues: zip(names, row)).mapValues { $0 ?? "NULL" }
            #expect(cells["event_id"] == ids[index].description)
            #expect(cells["environment_id"] == "\(event.environmentID)")
            #expect(cells["project_id"] == "\(event.projectID)")
            #expect(cells["internal_event_id"] == "\(event.internalEventID)")
            #expect(cells["event_type"] == event.type.name)
            #expect(cells["source"] == event.source.name)
            #expect(cells["surface"] == event.surface.name)
            #expect(cells["screen_width"] == event.screenWidth.map { "\($0)" } ?? "NULL")
            #expect(cells["screen_height"] == event.screenHeight.map { "\($0)" } ?? "NULL")
            for field in EventField.allCases { #expect(cells[field.column] == event[field] ?? "NULL", "\(field)") }
        }
        #expect(
            try await log.column("SELECT epoch_us(occurred_at) FROM lake.main.events ORDER BY event_id")
                == (0..<3).map { "\(batch[$0].occurredAt.microseconds)" })
        #expect(
            try await log.column("SELECT DISTINCT epoch_us(received_at) FROM lake.main.events")
                == ["\(batch.receivedAt.microseconds)"])
    }

    @Test func everythingSurvivesClosingAndAKill() async throws {
        let folder = try TemporaryFolder()
        var before: [[String?]] = []
        var killed: Log?
        do {
            let log = try Log(in: folder)
            _ = try log.committer(hand.clock).commit([batch(), .named((0..<4_000).map { "e\($0)" })])
            before = try await everything(log)
            #expect(log.hasWriteAheadLog)
            killed = try log.afterKill()
        }
        #expect(before.count == 4_003)
        if let killed { #expect(try await everything(killed) == before) }
        #expect(try await everything(Log(in: folder)) == before)
    }

    @Test func aTornWriteAheadLogKeepsTheCommitsBeforeTheTear() async throws {
        let log = try Log()
        let committer = try log.committer(hand.clock)
        _ = try committer.commit([.named(["whole"])])
        let wholeSize = try #require(log.writeAheadLogSize)
        _ = try committer.commit([.named(["torn"])])
        let tornSize = try #require(log.writeAheadLogSize)
        #expect(tornSize > wholeSize)
        let survivor = try log.afterKill(cuttingWriteAheadLogAt: tornSize - 3)
        #expect(try await survivor.column("SELECT event_name FROM lake.main.events") == ["whole"])
        _ = try survivor.committer(hand.clock).commit([.named(["next"])])
        #expect(try await survivor.count == 2)
    }

    @Test func anEmptyLogHasNoLastEvent() async throws {
        let log = try Log()
        #expect(try await log.store.end() == nil)
        #expect(try await log.store.replay(after: nil, upTo: .end, limit: 10)?.identifiers == nil)
        #expect(try await log.store.count(environmentID: 1) == 0)
    }

    @Test func aPathWithQuotesIsJustAPath() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("it's a \"log\"; DROP TABLE x.duckdb")
        do {
            let store = try EventStore(path: path, logger: Log.logger)
            #expect(try await store.count(environmentID: 1) == 0)
        }
    }

    @Test func eventCountsGoByNameTypeAndTime() async throws {
        let log = try Log()
        let committer = try log.committer(hand.clock)
        let later = HandClock.start.adding(seconds: 60)
        _ = try committer.commit([
            .named(["a", "b"], user: "u1"), .named(["a"], user: "u1", receivedAt: later), .named(["a"], user: "u2"),
            .named(["a"], user: "u1", in: .second),
        ])
        let store = log.store
        #expect(
            try await store.eventCounts(environmentID: 1, name: nil, type: nil, since: nil) == ["u1": 3, "u2": 1])
        #expect(
            try await store.eventCounts(environmentID: 1, name: "a", type: "track", since: nil) == ["u1": 2, "u2": 1])
        #expect(try await store.eventCounts(environmentID: 1, name: "a", type: nil, since: later) == ["u1": 1])
        #expect(try await store.eventCounts(environmentID: 1, name: nil, type: "page_view", since: nil).isEmpty)
        #expect(try await store.eventCounts(environmentID: 1, name: "' OR 1=1 --", type: nil, since: nil).isEmpty)
        #expect(try await store.count(environmentID: 1) == 4)
    }
}
