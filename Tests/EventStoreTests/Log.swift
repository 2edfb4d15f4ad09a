import DuckDB
import Foundation
import Logging
import Time

@testable import EventStore

/// An event store in a file of its own, and ways to look into it.
struct Log {
    let folder: TemporaryFolder
    let store: EventStore

    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init(in folder: TemporaryFolder? = nil) throws {
        self.folder = try folder ?? TemporaryFolder()
        var settings = EventStore.Settings()
        settings.readers = 2
        store = try EventStore(path: self.folder.file("events.duckdb"), settings: settings, logger: Self.logger)
    }

    /// What another process would find after this one was killed: the files as they lie on the disk now.
    func afterKill() throws -> Log {
        let copy = try TemporaryFolder()
        for name in ["events.duckdb", "events.duckdb.wal"] where FileManager.default.fileExists(atPath: folder.file(name)) {
            try FileManager.default.copyItem(atPath: folder.file(name), toPath: copy.file(name))
        }
        return try Log(in: copy)
    }

    var hasWriteAheadLog: Bool {
        let attributes = try? FileManager.default.attributesOfItem(atPath: folder.file("events.duckdb.wal"))
        return (attributes?[.size] as? Int ?? 0) > 0
    }

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
