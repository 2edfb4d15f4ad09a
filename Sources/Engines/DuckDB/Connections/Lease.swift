import Synchronization

/// A connection in the hands of one task. A cancellation may arrive at any time, even as the body returns; it must
/// reach the connection while the task has it and never the next task's statements.
final class Lease: Sendable {
    private struct State {
        var connection: Connection?
        var isCancelled = false
    }

    private let state: Mutex<State>

    init(_ connection: Connection) {
        state = Mutex(State(connection: connection))
    }

    /// Runs the body, unless the task was cancelled before.
    func run<R>(_ body: (Connection) throws -> R) throws -> R {
        let connection = state.withLock { $0.isCancelled ? nil : $0.connection }
        guard let connection else { throw CancellationError() }
        do {
            return try body(connection)
        } catch let error as DuckDBError where error.kind == .interrupted && state.withLock(\.isCancelled) {
            throw CancellationError()
        }
    }

    /// Stops what the connection is doing, if the task still has it.
    func cancel() {
        state.withLock { state in
            state.isCancelled = true
            state.connection?.cancel()
        }
    }

    /// Takes the connection from the task and brings it to rest.
    func end() {
        let connection = state.withLock { $0.connection.take() }
        connection?.reset()
    }
}
