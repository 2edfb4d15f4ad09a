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

    /// Opens the file at `path`, creates it when it is missing, and migrates it.
    /// - Throws: ``ControlStoreError`` when the file was written by a newer server, a `DatabaseError` of SQLite
    ///   otherwise. Blocks while it works, so call it from the composition root only.
    public init(path: String) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(10)
        configuration.label = "control"
        // Deleted rows are overwritten in the file, not only unlinked.
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA secure_delete = ON") }
        #if DEBUG
            if let log = StatementLog.ofTests { configuration.prepareDatabase { log.watch($0) } }
        #endif
        let database = try DatabasePool(path: path, configuration: configuration)
        // The pool itself chooses NORMAL, which may lose the last commits in a power failure.
        try database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        let migrator = DatabaseMigrator.control
        if try database.read({ try migrator.hasBeenSuperseded($0) }) {
            throw ControlStoreError.writtenByNewerVersion(path: path)
        }
        try migrator.migrate(database)
        self.database = database
    }

    /// Takes deleted rows off the disk: they are overwritten in the file by then, and the write-ahead log still holds
    /// copies of them.
    /// - Throws: a `DatabaseError` when readers keep the log in use for ten seconds; worth another try.
    public func erase() async throws {
        try await database.writeWithoutTransaction { database in
            _ = try database.checkpoint(.truncate)
        }
    }

    /// Closes the connections. Nothing may use the store afterwards.
    public func close() throws {
        try database.close()
    }
}

/// Why a control store cannot be opened.
public enum ControlStoreError: Error, Equatable, CustomStringConvertible {
    /// The file holds migrations that this version does not know.
    case writtenByNewerVersion(path: String)

    public var description: String {
        switch self {
        case .writtenByNewerVersion(let path):
            "\(path) was written by a newer version of the server; start that version, or restore an older backup"
        }
    }
}
