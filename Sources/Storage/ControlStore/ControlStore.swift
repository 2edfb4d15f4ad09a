import Foundation
public import GRDB

/// The server's relational memory: configuration, profiles, catalogue, content and jobs, in one SQLite file.
///
/// Opening it brings the schema up to date. Each capability room keeps its own queries and runs them through
/// ``database``; only the schema itself lives here.
///
/// A committed write is on disk when it returns: the file is in WAL mode with `synchronous = FULL`. Use the pool's
/// `async` reads and writes, which run on SQLite's own queues and never block Swift's cooperative threads.
public final class ControlStore: Sendable {
    /// The connections to the file: one writer and several readers.
    public let database: DatabasePool
    let stagingTurns = HolderTurns()
    private let longReadingTurns = HolderTurns()

    /// Opens the file at `path`, creates it when it is missing, and migrates it.
    /// - Throws: ``ControlStoreError``. Blocks while it works, so call it from the composition root only.
    public init(path: String) throws {
        do {
            database = try Self.open(path)
            StagedStore.removeLeftovers(beside: path)
        } catch let error as DatabaseError {
            throw ControlStoreError(error, path: path)
        }
    }

    /// Reads for long: one at a time, by turns of the holders, so that others have connections left.
    /// - Parameter holder: the account that it is read for.
    package func readAtLength<Value: Sendable>(
        holder: Int64, _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        try await longReadingTurns.run(holder) { try await database.read(body) }
    }

    /// A connection of its own, which reads only: who cannot wait until those of the pool are free blocks on it.
    /// - Throws: a `DatabaseError`.
    public func makeReader() throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(10)
        configuration.label = "control.reader"
        Self.watch(&configuration)
        return try DatabaseQueue(path: database.path, configuration: configuration)
    }

    private static func watch(_ configuration: inout Configuration) {
        #if DEBUG
            if let log = StatementLog.ofTests { configuration.prepareDatabase { log.watch($0) } }
        #endif
    }

    private static func open(_ path: String) throws -> DatabasePool {
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
        let migrator = DatabaseMigrator.control
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

    /// Takes deleted rows off the disk: they are overwritten in the file by then, and the write-ahead log still holds
    /// copies of them.
    /// - Throws: a `DatabaseError` when readers keep the log in use for ten seconds; worth another try.
    public func erase() async throws {
        for _ in 0..<Self.mostErasures {
            do {
                return try await tryErasing()
            } catch DatabaseError.SQLITE_BUSY {
                try await Task.sleep(for: Self.pauseOfErasures)
            }
        }
        try await tryErasing()
    }

    private static let mostErasures = 100
    private static let pauseOfErasures = Duration.milliseconds(100)

    /// Nobody can write while it waits for readers, so it does not wait for them.
    private func tryErasing() async throws {
        // A task of its own: for one that is cancelled the store would not be patient again.
        try await Task { [database] in
            try await database.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA busy_timeout = 0")
                defer { try? database.execute(sql: "PRAGMA busy_timeout = \(Self.patienceMilliseconds)") }
                _ = try database.checkpoint(.truncate)
            }
        }.value
    }

    /// How long a connection waits for others.
    private static let patienceMilliseconds = 10_000

    /// Closes the connections. Nothing may use the store afterwards.
    public func close() throws {
        try database.close()
    }
}

extension Database {
    fileprivate var hasTables: Bool {
        get throws { try Bool.fetchOne(self, sql: "SELECT EXISTS (SELECT 1 FROM sqlite_master)") ?? false }
    }
}
