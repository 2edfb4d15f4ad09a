import NIOPosix

/// Connections shared by tasks. Bodies run on threads of their own, never on Swift's cooperative threads, which a
/// blocking query would starve. When all connections are busy, callers wait in the order they came.
public final class ConnectionPool: Sendable {
    private let threads: NIOThreadPool
    let queue: ConnectionQueue

    /// Opens the connections and starts the threads.
    ///
    /// - Parameters:
    ///   - database: The database that all connections belong to.
    ///   - size: How many connections, at least 1.
    ///   - threads: How many bodies may run at once; as many as there are connections unless given.
    /// - Throws: ``DuckDBError`` when a connection cannot be opened.
    public init(_ database: Database, size: Int, threads: Int? = nil) throws(DuckDBError) {
        var connections: [Connection] = []
        for _ in 0..<max(size, 1) { connections.append(try database.connect()) }
        queue = ConnectionQueue(connections)
        self.threads = NIOThreadPool(numberOfThreads: max(threads ?? size, 1))
        self.threads.start()
    }

    deinit {
        threads.shutdownGracefully { _ in }
    }

    /// Runs a body with a connection to itself. Afterwards the connection is brought to rest: rows still open are
    /// closed, a transaction still open is rolled back.
    ///
    /// - Throws: What the body throws; `CancellationError` when the task is cancelled, while it waits or while it runs
    ///   (the running statement is interrupted, and later ones refused); ``PoolError/shutDown`` after ``shutDown()``.
    public func run<R: Sendable>(_ body: @escaping @Sendable (Connection) throws -> R) async throws -> R {
        let connection = try await queue.take()
        let lease = Lease(connection)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<R, any Error>) in
                threads.submit { state in
                    let result = Result { () throws -> R in
                        guard state == .active else { throw PoolError.shutDown }
                        return try lease.run(body)
                    }
                    lease.end()
                    self.queue.put(connection)
                    continuation.resume(with: result)
                }
            }
        } onCancel: {
            lease.cancel()
        }
    }

    /// How many connections are in use.
    public var busy: Int { queue.busy }

    /// How many callers wait for a connection.
    public var waiting: Int { queue.waiting }

    /// Refuses new and waiting callers, waits for the running bodies, and stops the threads.
    public func shutDown() async throws {
        queue.close()
        try await threads.shutdownGracefully()
    }
}

/// Why a pool runs nothing.
public enum PoolError: Error, Sendable, Equatable {
    /// The pool has been shut down.
    case shutDown
}

extension PoolError: CustomStringConvertible {
    public var description: String { "the connection pool has been shut down" }
}
