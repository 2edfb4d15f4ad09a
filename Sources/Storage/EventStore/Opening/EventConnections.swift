public import DuckDB

/// Connections to the log, of which each caller has one alone. Bodies run on threads of their own; when all connections are
/// busy, callers wait in the order they came.
public struct EventConnections: Sendable {
    let engine: EventEngine
    let pool: @Sendable (EventEngine.Instance) -> ConnectionPool
    /// What bodies wait for that change the file; nil for those that do not.
    var gate: UpkeepGate?

    /// Runs a body with a connection to itself.
    ///
    /// - Throws: What the body throws; `CancellationError` when the task is cancelled; ``EventStoreError`` when the engine
    ///   failed before or while it ran: a transaction of the body is undone, unless it failed as it was committed.
    public func run<R: Sendable>(_ body: @escaping @Sendable (Connection) throws -> R) async throws -> R {
        guard let gate else { return try await runNow(body) }
        return try await gate.run { try await runNow(body) }
    }

    private func runNow<R: Sendable>(_ body: @escaping @Sendable (Connection) throws -> R) async throws -> R {
        let instance = try await engine.waitForCurrent()
        do {
            return try await pool(instance).run(body)
        } catch {
            throw engine.judge(error, of: instance)
        }
    }
}
