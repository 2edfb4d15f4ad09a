import DuckDB
import Foundation
import TestSupport
import Testing
import Time

@testable import EventStore

@Suite struct ErasureTests {
    private let hand = HandClock()

    private func bytesOnDisk(_ log: Log, contain text: String) throws -> Bool {
        try FileManager.default.contentsOfDirectory(atPath: log.folder.path).contains { name in
            try Data(contentsOf: URL(filePath: log.folder.file(name))).range(of: Data(text.utf8)) != nil
        }
    }

    @Test func whatIsDeletedLeavesTheDisk() async throws {
        let log = try Log()
        // What is compressed could not be searched for.
        try await log.store.readers.run { try $0.execute("SET GLOBAL force_compression = 'uncompressed'") }
        let committer = try log.committer(hand.clock)
        for part in 0..<4 {
            let kept = (0..<3_000).map { "kept-event-\(part)-\($0)" }
            let doomed = (0..<30).map { "doomed-event-\(part)-\($0)" }
            _ = try committer.commit([.named(kept), .named(doomed, user: "doomed-user")])
            // The file holds all of it, and copies of what was rewritten when it grew.
            try await log.store.erase()
        }
        #expect(!log.hasWriteAheadLog)
        #expect(try bytesOnDisk(log, contain: "doomed-event"))

        let last = try #require(try await log.store.end())
        #expect(
            try await log.store.deleteEvents(of: .users, ids: ["doomed-user"], environmentID: 1, upTo: last) == 120)
        #expect(try await log.store.count(environmentID: 1) == 12_000)
        _ = try committer.commit([.named(["later"], user: "doomed-user-2")])
        try await log.store.erase()
        // The engine's statistics keep eight bytes of a column's least and greatest text.
        #expect(try !bytesOnDisk(log, contain: "doomed-event"))
        #expect(try bytesOnDisk(log, contain: "kept-event-3-2999"))
        #expect(try await log.afterKill().count == 12_001)
    }

    /// The engine packs the ends of several groups of 122,880 rows into one block, and columns that nothing was deleted from
    /// with others: whatever shares a block with what was deleted has to move.
    @Test func whatSharesABlockWithTheDeletedMoves() async throws {
        let log = try Log()
        try await log.store.readers.run { try $0.execute("SET GLOBAL force_compression = 'uncompressed'") }
        let committer = try log.committer(hand.clock)
        let names = (0..<130_000).map { $0 % 10_000 == 7 && $0 < 120_000 ? "doomed-event-\($0)" : "kept-event-\($0)" }
        let commit = try committer.commit([
            .named(Array(names[..<60_007])), .named(["doomed-event-60007"], user: "doomed-user"),
            .named(Array(names[60_008...])),
        ])
        try await log.store.checkpoint()
        let last = try #require(commit.end)
        let before = try await log.column(
            "SELECT sum(hash(event_id, event_name)) FROM lake.main.events WHERE user_id = 'u'")
        #expect(try await log.store.deleteEvents(of: .users, ids: ["doomed-user"], environmentID: 1, upTo: last) == 1)
        // Others may make the engine write to its file meanwhile.
        _ = try committer.commit([.named(["later"], user: "v")])
        try await log.store.checkpoint()
        try await log.store.erase()
        #expect(try !bytesOnDisk(log, contain: "doomed-event-60007"))
        #expect(try bytesOnDisk(log, contain: "doomed-event-50007"))
        let after = try await log.column(
            "SELECT sum(hash(event_id, event_name)) FROM lake.main.events WHERE user_id = 'u'")
        #expect(before == after)
        #expect(try await log.column("SELECT count(*) FROM lake.main.deleted_blocks") == ["0"])
        committer.end()
        #expect(try await log.afterKill().count == 130_000)
    }

    @Test func experimentEventsLeaveTheDisk() async throws {
        let log = try Log()
        try await log.store.readers.run { try $0.execute("SET GLOBAL force_compression = 'uncompressed'") }
        var identifiers = EventIdentifierSequence(after: nil)
        for part in 0..<3 {
            let events = (0..<400).map { number in
                ExperimentEvent(
                    id: identifiers.next(at: hand.now), environmentID: 1, projectID: 1, kind: .viewExperience,
                    occurredAt: hand.now, receivedAt: hand.now,
                    visitorID: number % 100 == 7 ? "doomed-visitor-\(part)" : "kept-visitor-\(part)-\(number)",
                    assignments: [])
            }
            try await log.store.append(events)
            if part < 2 { try await log.store.checkpoint() }
        }
        let doomed = (0..<3).map { "doomed-visitor-\($0)" }
        let end = LogPosition(at: hand.now.adding(seconds: 1))
        #expect(
            try await log.store.deleteEvents(of: .users, ids: [], visitors: doomed, environmentID: 1, upTo: end) == 0)
        try await log.store.erase()
        #expect(try !bytesOnDisk(log, contain: "doomed-visitor"))
        #expect(try bytesOnDisk(log, contain: "kept-visitor-2-399"))
        #expect(try await log.column("SELECT count(*) FROM lake.main.exposures") == ["1188"])
    }

    /// A long export reads the log as it was when it began.
    @Test func whatIsReadMeanwhileIsErasedAfterwards() async throws {
        let log = try Log()
        try await log.store.readers.run { try $0.execute("SET GLOBAL force_compression = 'uncompressed'") }
        let committer = try log.committer(hand.clock)
        let commit = try committer.commit([.named(["kept-event"]), .named(["doomed-event"], user: "doomed-user")])
        try await log.store.checkpoint()
        let (begun, end) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let reading = Task { [store = log.store] in
            try await store.readers.run { connection in
                try connection.transaction {
                    let sql = "SELECT count(*) FROM lake.main.events"
                    let before = try connection.query(sql).map { chunk, row in try chunk.int64(0, row) }
                    begun.signal()
                    end.wait()
                    return try [before, connection.query(sql).map { chunk, row in try chunk.int64(0, row) }]
                }
            }
        }
        while begun.wait(timeout: .now()) == .timedOut { try await Task.sleep(for: .milliseconds(10)) }
        let last = try #require(commit.end)
        #expect(try await log.store.deleteEvents(of: .users, ids: ["doomed-user"], environmentID: 1, upTo: last) == 1)
        let erasure = Task { [store = log.store] in try await store.erase() }
        try await Task.sleep(for: .milliseconds(200))
        end.signal()
        #expect(try await reading.value == [[2], [2]])
        try await erasure.value
        #expect(try !bytesOnDisk(log, contain: "doomed-event"))
        #expect(try await log.count == 1)
        committer.end()
    }

    @Test func erasingAnEmptyLogIsNoError() async throws {
        let log = try Log()
        try await log.store.erase()
        try await log.store.erase()
        #expect(try await log.store.count(environmentID: 1) == 0)
    }
}
