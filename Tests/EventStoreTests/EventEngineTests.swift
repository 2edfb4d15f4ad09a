import DuckDB
import Foundation
import TestSupport
import Testing

@testable import EventStore

/// The engine gives up for good, and is opened anew under everybody who uses it.
@Suite struct EventEngineTests {
    private let hand = HandClock()
    /// A fault of version 1.5.5.
    private static let fatal = "SELECT regexp_extract(i::VARCHAR, 'a', NULL::VARCHAR[]) FROM range(5) t(i)"

    private func bringDown(_ log: Log) async throws {
        await #expect(throws: EventStoreError.self) { try await log.execute(Self.fatal) }
    }

    @Test func readersWriterAndSessionsGoOn() async throws {
        let log = try Log()
        let committer = try log.committer(hand.clock)
        _ = try committer.commit([.withIDs(["a", "b"])])
        let session = try log.store.makeSession()
        try await session.run { try $0.execute("CREATE TEMPORARY TABLE t (i INTEGER)") }
        for round in 1...3 {
            try await bringDown(log)
            #expect(log.store.unavailability != nil || log.store.engine.number > round)
            // Waits for the engine, and finds what was committed.
            #expect(try await log.count == 1 + round)
            #expect(log.store.unavailability == nil)
            #expect(log.store.failure == nil)
            let commit = try committer.commit([.withIDs(["a", "new \(round)"])])
            #expect(commit.duplicateCount == 1)
            #expect(commit.acceptedCount == 1)
        }
        #expect(try await log.count == 5)
        await #expect(throws: (any Error).self) { try await session.run { try $0.execute("SELECT 1") } }
        let another = try log.store.makeSession()
        try await another.run { try $0.execute("SELECT 1") }
        let survivor = try log.afterKill()
        #expect(try await survivor.count == 5)
    }

    /// A session's error does not pass through the store.
    @Test func maintenanceNoticesWhatASessionDid() async throws {
        let log = try Log()
        let maintenance = Task { [store = log.store] in await store.maintain() }
        defer { maintenance.cancel() }
        let session = try log.store.makeSession()
        await #expect(throws: DuckDBError.self) { try await session.run { try $0.execute(Self.fatal) } }
        while log.store.engine.number == 1 || log.store.unavailability != nil {
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(try await log.count == 0)
    }

    @Test func anErrorOfOneStatementEndsNothing() async throws {
        let log = try Log()
        await #expect(throws: DuckDBError.self) { try await log.execute("SELECT error('no')") }
        await #expect(throws: DuckDBError.self) { try await log.execute("SELECT nothing FROM nowhere") }
        #expect(log.store.engine.number == 1)
    }

    @Test func whoRunsAStatementMeanwhileIsToldToComeBack() async throws {
        let log = try Log()
        let long = Task { [store = log.store] in
            try await store.readers.run { connection in
                // Hashes of a billion rows: it ends by being interrupted only.
                let rows = try connection.query("SELECT sum(hash(i)) FROM range(1000000000000) t(i)")
                _ = try rows.next()
            }
        }
        try await Task.sleep(for: .milliseconds(50))
        try await bringDown(log)
        await #expect(throws: EventStoreError.self) { try await long.value }
        #expect(try await log.count == 0)
    }

    @Test func aFileThatCannotBeOpenedAgainIsTriedUntilItCan() async throws {
        let log = try Log()
        let committer = try EventCommitter(
            store: log.store, clock: hand.clock, rememberedEventIDs: 1_000, patience: .milliseconds(10),
            logger: Log.logger)
        _ = try committer.commit([.withIDs(["a"])])
        let path = log.folder.file("events.duckdb")
        // Opening it is impossible while another kind of file lies there.
        try FileManager.default.moveItem(atPath: "\(path).wal", toPath: "\(path).wal.away")
        try FileManager.default.createDirectory(atPath: "\(path).wal", withIntermediateDirectories: true)
        try await bringDown(log)
        while log.store.failure == nil { try await Task.sleep(for: .milliseconds(10)) }
        #expect(throws: EventStoreError.self) { _ = try committer.commit([.withIDs(["b"])]) }
        try FileManager.default.removeItem(atPath: "\(path).wal")
        try FileManager.default.moveItem(atPath: "\(path).wal.away", toPath: "\(path).wal")
        while log.store.unavailability != nil { try await Task.sleep(for: .milliseconds(10)) }
        #expect(log.store.failure == nil)
        #expect(try committer.commit([.withIDs(["a", "b"])]).duplicateCount == 1)
        #expect(try await log.count == 2)
    }
}
