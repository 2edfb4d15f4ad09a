public import DuckDB
public import Logging

/// The event log: one append-only table in the embedded engine, and the connections to read it.
///
/// All SQL addresses a catalog named `lake`. Here it is a DuckDB file; nothing used on it goes beyond what a DuckLake
/// shared by several nodes knows too.
public final class EventStore: Sendable {
    /// What the engine may use.
    public struct Settings: Sendable {
        /// Memory that the engine may use in all; at least 256 MB. Larger sorts and joins spill to `temporaryDirectory`.
        public var memoryLimit = MemorySize(bytes: 1_000_000_000)
        /// Threads that share in one query.
        public var threads = 2
        /// Where queries that outgrow memory spill, nil for beside the file.
        public var temporaryDirectory: String?
        /// Queries that run at the same time; more wait their turn.
        public var readers = 4
        /// Bytes of write-ahead log after which the engine folds it into the file, such as "256MB".
        public var checkpointThreshold = "256MB"

        public init() {}
    }

    /// For reading. Bodies run on threads of their own.
    public let readers: ConnectionPool
    private let database: Database

    /// The engine's own limit counts its buffers. What writers of files and the allocator hold besides was measured at
    /// 120 to 180 MB, so the buffers get this share, in percent, of what the operator allows.
    private static let bufferShare: Int64 = 60

    /// Opens the log, making it when it is new.
    /// - Parameter path: the file; nil keeps everything in memory, for tests.
    public init(path: String?, settings: Settings = Settings(), logger: Logger) throws {
        database = try Database(
            path: nil,
            settings: [
                "memory_limit": "\(settings.memoryLimit.bytes * Self.bufferShare / 100)B",
                "threads": "\(settings.threads)",
                "temp_directory": settings.temporaryDirectory ?? path.map { "\($0).tmp" } ?? "",
                // Nothing is ever fetched from the network behind the operator's back.
                "autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
                "checkpoint_threshold": settings.checkpointThreshold,
                // Or its allocator gives freed memory back only when the same thread allocates again.
                "allocator_background_threads": "true",
            ])
        let connection = try database.connect()
        try connection.execute("ATTACH '\((path ?? ":memory:").replacing("'", with: "''"))' AS lake")
        try connection.execute(EventTable.createStatement)
        try connection.execute(ExposureTable.createStatement)
        try connection.execute(ExposureTable.createPiecesStatement)
        readers = try ConnectionPool(database, size: settings.readers)
    }

    /// A pool of a single connection, for work whose temporary tables must outlast one call.
    public func makeSession() throws -> ConnectionPool {
        try ConnectionPool(database, size: 1)
    }

    /// A connection for a caller with a thread of its own.
    func connect() throws -> Connection {
        try database.connect()
    }
}
