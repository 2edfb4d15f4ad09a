import Foundation
import GRDB

/// A control store's file: one connection that writes and several that read.
///
/// It is in WAL mode with `synchronous = FULL`, so a committed write is on disk when it returns. Reads and writes run on
/// GRDB's own queues.
final class SQLiteFile: Sendable {
    private let pool: DatabasePool
    let migrator: DatabaseMigrator

    /// Opens the file, creates it when it is missing, and migrates it.
    /// - Throws: ``ControlStoreError``.
    init(path: String, migrations: [Migration]) throws {
        migrator = DatabaseMigrator(migrations)
        do {
            pool = try Self.open(path, migrator)
            StagedStore.removeLeftovers(beside: path)
        } catch let error as DatabaseError {
            throw ControlStoreError(error, path: path)
        } catch let error as StoreError {
            throw ControlStoreError.cannotOpen(path: path, reason: error.description)
        }
    }

    var path: String { pool.path }

    func read<Value: Sendable>(_ body: @Sendable (Database) throws -> Value) async throws -> Value {
        try await reportingLater { try await self.pool.read { try body(Database($0)) } }
    }

    func write<Value: Sendable>(_ body: @Sendable (Database) throws -> Value) async throws -> Value {
        try await reportingLater { try await self.pool.write { try body(Database($0)) } }
    }

    func blockingWrite<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try reporting { try pool.write { try body(Database($0)) } }
    }

    /// For what SQLite refuses within a transaction.
    func writeOutsideTransaction<Value: Sendable>(
        _ body: @Sendable (GRDB.Database) throws -> Value
    ) async throws -> Value {
        try await reportingLater { try await self.pool.writeWithoutTransaction(body) }
    }

    func add(_ observer: some TransactionObserver) { pool.add(transactionObserver: observer) }

    /// Who cannot wait until connections of the pool are free blocks on it.
    func makeReader() throws -> ControlReader {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(10)
        configuration.label = "control.reader"
        Self.watch(&configuration)
        return try reporting { ControlReader(queue: try DatabaseQueue(path: path, configuration: configuration)) }
    }

    private static func watch(_ configuration: inout Configuration) {
        #if DEBUG
            if let log = StatementLog.ofTests { configuration.prepareDatabase { log.watch($0) } }
        #endif
    }

    private static func open(_ path: String, _ migrator: DatabaseMigrator) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(10)
        configuration.label = "control"
        // Deleted rows are overwritten in the file, not only unlinked.
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA secure_delete = ON") }
        watch(&configuration)
        let database = try DatabasePool(path: path, configuration: configuration)
        // The pool itself chooses NORMAL, which may lose the last commits in a power failure.
        try database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        try requireAllPages(of: database)
        if try database.read({ try migrator.hasBeenSuperseded($0) }) {
            throw ControlStoreError.writtenByNewerVersion(path: path)
        }
        // Another program's file is left alone.
        if try database.read({ try !$0.tableExists("grdb_migrations") && $0.hasTables }) {
            throw ControlStoreError.notAControlStore(path: path)
        }
        try migrator.migrate(database)
        return database
    }

    /// SQLite notices a page that the file has lost only when it comes to it.
    private static func requireAllPages(of database: DatabasePool) throws {
        // What a crash has left in the log belongs into the file first. Where another program is reading, it stays there.
        let log = try database.writeWithoutTransaction { try $0.checkpoint(.passive) }
        guard log.checkpointedFrameCount == log.walFrameCount else { return }
        let bytes = try database.read { database in
            let pages = try Int64.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            return pages * (try Int64.fetchOne(database, sql: "PRAGMA page_size") ?? 0)
        }
        let size = (try? FileManager.default.attributesOfItem(atPath: database.path))?[.size] as? Int64 ?? bytes
        guard size >= bytes else {
            throw ControlStoreError.damaged(path: database.path, reason: "it is \(bytes - size) bytes too short")
        }
    }

    /// Copies what is committed, page by page, in one go: the copy is of one moment.
    func copy(to path: String) throws {
        try reporting {
            let copy = try DatabaseQueue(path: path)
            try pool.backup(to: copy)
            try copy.close()
        }
    }

    /// Takes deleted rows off the disk: they are overwritten in the file by then, and the write-ahead log still holds
    /// copies of them.
    func erase() async throws {
        try await reportingLater {
            for _ in 1..<Self.mostErasures {
                do {
                    return try await self.tryErasing()
                } catch DatabaseError.SQLITE_BUSY {
                    try await Task.sleep(for: Self.pauseOfErasures)
                }
            }
            try await self.tryErasing()
        }
    }

    private static let mostErasures = 100
    private static let pauseOfErasures = Duration.milliseconds(100)

    /// Nobody can write while it waits for readers, so it does not wait for them.
    private func tryErasing() async throws {
        // A task of its own: for one that is cancelled the store would not be patient again.
        try await Task { [pool] in
            try await pool.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA busy_timeout = 0")
                defer { try? database.execute(sql: "PRAGMA busy_timeout = \(Self.patienceMilliseconds)") }
                _ = try database.checkpoint(.truncate)
            }
        }.value
    }

    /// How long a connection waits for others.
    private static let patienceMilliseconds = 10_000

    func close() throws {
        try reporting { try pool.close() }
    }
}

extension GRDB.Database {
    fileprivate var hasTables: Bool {
        get throws { try Bool.fetchOne(self, sql: "SELECT EXISTS (SELECT 1 FROM sqlite_master)") ?? false }
    }
}

extension ControlStoreError {
    /// What an error means while the file is opened.
    fileprivate init(_ error: DatabaseError, path: String) {
        switch error.resultCode {
        case .SQLITE_NOTADB: self = .notAControlStore(path: path)
        case .SQLITE_CORRUPT: self = .damaged(path: path, reason: "\(error)")
        default: self = .cannotOpen(path: path, reason: "\(error)")
        }
    }
}
