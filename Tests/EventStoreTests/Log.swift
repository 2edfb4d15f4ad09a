import DuckDB
import Foundation
import Logging
import TestSupport
import Time

@testable import EventStore

/// An event store in a file of its own, and ways to look into it.
struct Log {
    let folder: TemporaryFolder
    let store: EventStore

    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// - Parameter summaries: changes the policy of summaries; nil when none are kept.
    init(
        in folder: TemporaryFolder? = nil, checkpoints: CheckpointPolicy = CheckpointPolicy(),
        summaries: ((inout SummaryPolicy) -> Void)? = nil
    ) throws {
        self.folder = try folder ?? TemporaryFolder()
        var settings = EventStore.Settings()
        settings.readers = 2
        settings.checkpoints = checkpoints
        if let summaries {
            var policy = SummaryPolicy(folder: self.folder.file("summaries"))
            summaries(&policy)
            settings.summaries = policy
        }
        store = try EventStore(path: self.folder.file("events.duckdb"), settings: settings, logger: Self.logger)
    }

    /// What another process would find after this one was killed: the files as they lie on the disk now.
    /// - Parameter size: where the write-ahead log ends, as after a write that was cut short; nil for all of it.
    func afterKill(cuttingWriteAheadLogAt size: Int? = nil) throws -> Log {
        let copy = try TemporaryFolder()
        try FileManager.default.copyItem(atPath: folder.file("events.duckdb"), toPath: copy.file("events.duckdb"))
        if FileManager.default.fileExists(atPath: writeAheadLogPath) {
            let bytes = try Data(contentsOf: URL(filePath: writeAheadLogPath))
            try bytes.prefix(size ?? bytes.count).write(to: URL(filePath: copy.file("events.duckdb.wal")))
        }
        // What is committed while a checkpoint runs.
        let beside = "events.duckdb.wal.checkpoint"
        if FileManager.default.fileExists(atPath: folder.file(beside)) {
            try FileManager.default.copyItem(atPath: folder.file(beside), toPath: copy.file(beside))
        }
        return try Log(in: copy)
    }

    /// The files as they are, in a folder of their own.
    /// - Parameter writeAheadLog: what lies there in place of the write-ahead log; nil for a copy of it.
    func copy(writeAheadLog: [UInt8]? = nil) throws -> TemporaryFolder {
        let copy = try TemporaryFolder()
        try FileManager.default.copyItem(atPath: folder.file("events.duckdb"), toPath: copy.file("events.duckdb"))
        let bytes = try writeAheadLog ?? writeAheadLogBytes
        try Data(bytes).write(to: URL(filePath: copy.file("events.duckdb.wal")))
        return copy
    }

    var writeAheadLogBytes: [UInt8] {
        get throws { Array(try Data(contentsOf: URL(filePath: writeAheadLogPath))) }
    }

    private var writeAheadLogPath: String { folder.file("events.duckdb.wal") }

    /// In bytes; nil when there is none.
    var writeAheadLogSize: Int? {
        let attributes = try? FileManager.default.attributesOfItem(atPath: writeAheadLogPath)
        return attributes?[.size] as? Int
    }

    var hasWriteAheadLog: Bool { (writeAheadLogSize ?? 0) > 0 }

    func committer(_ clock: WallClock, rememberedEventIDs: Int = 1_000_000) throws -> EventCommitter {
        try EventCommitter(store: store, clock: clock, rememberedEventIDs: rememberedEventIDs, logger: Self.logger)
    }

    /// The rows of a query, every cell as text; nil is NULL.
    func rows(_ sql: String) async throws -> [[String?]] {
        try await store.readers.run { connection in
            let rows = try connection.query(sql)
            var result: [[String?]] = []
            while let chunk = try rows.next() {
                for row in 0..<chunk.count {
                    result.append(try rows.columns.indices.map { try chunk.string($0, row) })
                }
            }
            return result
        }
    }

    func column(_ sql: String) async throws -> [String?] {
        try await rows(sql).map { $0[0] }
    }

    func execute(_ sql: String) async throws {
        try await store.readers.run { try $0.execute(sql) }
    }

    var count: Int {
        get async throws {
            Int(try await column("SELECT count(*) FROM lake.main.events")[0] ?? "") ?? -1
        }
    }
}
