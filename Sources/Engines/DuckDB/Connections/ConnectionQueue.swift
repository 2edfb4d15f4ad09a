import Synchronization

/// Idle connections, and the tasks that wait for one, first come first served.
final class ConnectionQueue: Sendable {
    private struct State {
        var idle: [Connection]
        /// In the hands of somebody.
        var taken: [ObjectIdentifier: Connection] = [:]
        var waiters: [(ticket: Int, continuation: CheckedContinuation<Connection, any Error>)] = []
        var nextTicket = 0
        var isClosed = false
    }

    private let state: Mutex<State>

    init(_ connections: [Connection]) {
        state = Mutex(State(idle: connections))
    }

    /// How many connections are in the hands of somebody.
    var busy: Int { state.withLock { $0.taken.count } }

    /// How many tasks wait.
    var waiting: Int { state.withLock { $0.waiters.count } }

    /// An idle connection, waiting for one if need be.
    func take() async throws -> Connection {
        let ticket = state.withLock { state in
            state.nextTicket += 1
            return state.nextTicket
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let answer: Result<Connection, any Error>? = state.withLock { state in
                    if state.isClosed { return .failure(PoolError.shutDown) }
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if let connection = state.idle.popLast() {
                        state.taken[ObjectIdentifier(connection)] = connection
                        return .success(connection)
                    }
                    state.waiters.append((ticket, continuation))
                    return nil
                }
                if let answer { continuation.resume(with: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.waiters.firstIndex { $0.ticket == ticket }.map { state.waiters.remove(at: $0).continuation }
            }
            waiter?.resume(throwing: CancellationError())
        }
    }

    /// Gives a connection back: to the task that has waited longest, or to rest; once closed, to nobody.
    func put(_ connection: Connection) {
        let waiter = state.withLock { state in
            guard !state.waiters.isEmpty, !state.isClosed else {
                state.taken[ObjectIdentifier(connection)] = nil
                if !state.isClosed { state.idle.append(connection) }
                return nil as CheckedContinuation<Connection, any Error>?
            }
            return state.waiters.removeFirst().continuation
        }
        waiter?.resume(returning: connection)
    }

    /// Turns away everybody who waits or comes later, and lets go of the idle connections.
    func close() {
        let waiters = state.withLock { state in
            state.isClosed = true
            state.idle = []
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume(throwing: PoolError.shutDown) }
    }

    /// Stops the statements of all who have a connection.
    /// - Returns: how many have one.
    func interruptTaken() -> Int {
        let taken = state.withLock { Array($0.taken.values) }
        for connection in taken { connection.cancel() }
        return taken.count
    }
}
