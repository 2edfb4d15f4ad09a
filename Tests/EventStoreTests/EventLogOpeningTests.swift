import DuckDB
import Foundation
import TestSupport
import Testing
import Time

@testable import EventStore

/// A log that does not agree with what the rest of the data folder knows.
@Suite struct EventLogOpeningTests {
    private let hand = HandClock()

    private func refusal(
        _ path: String, _ knowledge: EventStore.Knowledge = EventStore.Knowledge()
    ) -> EventLogError? {
        do {
            _ = try EventStore(path: path, knowing: knowledge, logger: Log.logger)
            return nil
        } catch {
            return error as? EventLogError
        }
    }

    private func accepted(_ path: String, _ knowledge: EventStore.Knowledge) throws -> EventStore {
        try EventStore(path: path, knowing: knowledge, acceptsLoss: true, logger: Log.logger)
    }

    @Test func aNewFolderGetsALogThatIsRecognisedLater() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("events.duckdb")
        let identity = try EventStore(path: path, logger: Log.logger).identity
        #expect(try EventStore(path: path, knowing: .init(identity: identity), logger: Log.logger).identity == identity)
    }

    @Test func aMissingLogIsNotMadeAnew() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("events.duckdb")
        let known = EventStore.Knowledge(identity: 7, position: LogPosition(at: HandClock.start))
        for knowledge in [known, .init(identity: 7), .init(position: known.position)] {
            guard case .missing(path)? = refusal(path, knowledge) else {
                Issue.record("a missing log was not refused")
                continue
            }
        }
        #expect(!FileManager.default.fileExists(atPath: path))
        let store = try accepted(path, known)
        // Ids go on after those that were lost, and the loss is told once.
        #expect(try await store.end() == known.position)
    }

    /// The engine would remove it.
    @Test func aWriteAheadLogWithoutItsFileIsRefusedAndPutAside() throws {
        let log = try Log()
        _ = try log.committer(hand.clock).commit([.named(["a"])])
        let bytes = try log.writeAheadLogBytes
        let folder = try TemporaryFolder()
        let path = folder.file("events.duckdb")
        try Data(bytes).write(to: URL(filePath: "\(path).wal"))
        guard case .missing? = refusal(path) else {
            Issue.record("a write-ahead log without its file was not refused")
            return
        }
        _ = try accepted(path, .init())
        let kept = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.contains(".wal.lost-") }
        #expect(try kept.map { try Data(contentsOf: URL(filePath: folder.file($0))) } == [Data(bytes)])
    }

    @Test func filesOfOtherKindsAreRefusedAndPutAside() throws {
        for content in ["hello", "SQLite format 3\0" + String(repeating: " ", count: 9_000)] {
            let folder = try TemporaryFolder()
            let path = folder.file("events.duckdb")
            try Data(content.utf8).write(to: URL(filePath: path))
            guard case .notALog(path, _)? = refusal(path) else {
                Issue.record("a file with \(content.prefix(10)) was not refused")
                continue
            }
            #expect(try Data(contentsOf: URL(filePath: path)) == Data(content.utf8))
            _ = try accepted(path, .init())
            let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(files.contains { $0.hasPrefix("events.duckdb.lost-") })
        }
    }

    @Test func anEmptyFileIsALogThatWasNeverBegun() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("events.duckdb")
        func empty() throws { try Data().write(to: URL(filePath: path)) }
        try empty()
        let known = [
            EventStore.Knowledge(identity: 1),
            EventStore.Knowledge(position: LogPosition(after: EventIdentifier(value: 1))),
        ]
        for knowledge in known {
            guard case .notALog? = refusal(path, knowledge) else {
                Issue.record("an empty file was not refused although the folder knows of a log")
                return
            }
        }
        #expect(refusal(path) == nil)
        #expect(try Data(contentsOf: URL(filePath: path)).count > 0)
    }

    @Test func aCutFileIsRefusedAndPutAside() async throws {
        let log = try Log()
        _ = try log.committer(hand.clock).commit([.named((0..<5_000).map { "event \($0)" })])
        try await log.store.checkpoint()
        let whole = try Data(contentsOf: URL(filePath: log.folder.file("events.duckdb")))
        let folder = try TemporaryFolder()
        let path = folder.file("events.duckdb")
        try whole.prefix(whole.count / 3).write(to: URL(filePath: path))
        guard case .unreadable(path, _)? = refusal(path) else {
            Issue.record("a file that was cut was not refused")
            return
        }
        #expect(try await accepted(path, .init()).count(environmentID: 1) == 0)
    }

    @Test func theLogOfAnotherFolderIsRefused() throws {
        let log = try Log()
        let path = log.folder.file("events.duckdb")
        let folder = try log.copy()
        defer { withExtendedLifetime(folder) {} }
        let copy = folder.file("events.duckdb")
        guard case .foreign(copy)? = refusal(copy, .init(identity: log.store.identity ^ 1)) else {
            Issue.record("the log of another folder was not refused")
            return
        }
        #expect(refusal(copy, .init(identity: log.store.identity)) == nil)
        #expect(FileManager.default.fileExists(atPath: path))
    }

    @Test func aLogThatHasLostItsEndIsRefused() async throws {
        let log = try Log()
        let committer = try log.committer(hand.clock)
        _ = try committer.commit([.named(["a"])])
        let older = try log.copy()
        hand.advance(seconds: 60)
        let last = try #require(try committer.commit([.named(["b"])]).end)
        let knowledge = EventStore.Knowledge(identity: log.store.identity, position: last)
        guard case .endsEarly(_, let end?, let known)? = refusal(older.file("events.duckdb"), knowledge) else {
            Issue.record("a log without its end was not refused")
            return
        }
        #expect(end < known)
        weak var database: Database?
        do {
            let store = try accepted(older.file("events.duckdb"), knowledge)
            #expect(try await store.count(environmentID: 1) == 1)
            #expect(try await store.end() == last)
            database = try store.engine.current().database
        }
        // A thread that has read may hold the file a moment longer.
        while database != nil { try await Task.sleep(for: .milliseconds(10)) }
        // The decision holds.
        #expect(refusal(older.file("events.duckdb"), knowledge) == nil)
    }

    /// Deleting the newest events is no loss.
    @Test func deletedEventsAreNotMissed() async throws {
        let log = try Log()
        let last = try #require(try log.committer(hand.clock).commit([.named(["a"])]).end)
        _ = try await log.store.deleteEvents(environmentID: 1)
        #expect(try await log.store.end() == last)
        let folder = try log.copy()
        defer { withExtendedLifetime(folder) {} }
        let copy = folder.file("events.duckdb")
        #expect(refusal(copy, .init(identity: log.store.identity, position: last)) == nil)
    }

    /// One that an earlier version wrote tells nothing of itself.
    @Test func aLogWithoutMarksIsBelieved() async throws {
        let log = try Log()
        _ = try log.committer(hand.clock).commit([.named(["a"])])
        try await log.execute("DROP TABLE lake.main.event_log")
        let folder = try log.copy()
        defer { withExtendedLifetime(folder) {} }
        let copy = folder.file("events.duckdb")
        let position = LogPosition(at: HandClock.start.adding(seconds: 3_600))
        let store = try EventStore(path: copy, knowing: .init(position: position), logger: Log.logger)
        #expect(try await store.end() == position)
    }
}
