import Synchronization

/// Keeps two attempts at the same thing from running at once: both would find it not done, and do it twice.
final class RetryTurns: Sendable {
    private let underWay = Mutex<Set<Int64>>([])
    private static let pause = Duration.milliseconds(20)

    /// Runs a body once no other runs for the same thing.
    func run<Result: Sendable>(_ id: Int64, _ body: () async throws -> Result) async throws -> Result {
        while !underWay.withLock({ $0.insert(id).inserted }) { try await Task.sleep(for: Self.pause) }
        defer { underWay.withLock { _ = $0.remove(id) } }
        return try await body()
    }
}
