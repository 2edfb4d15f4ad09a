import Synchronization

/// The calls that bring events and are not answered yet.
public final class CallsUnderWay: Sendable {
    private struct State {
        var last = 0
        var open: Set<Int> = []
    }

    private let state = Mutex(State())

    /// How often is looked whether calls have ended.
    private static let interval = Duration.milliseconds(20)

    public init() {}

    func begin() -> Int {
        state.withLock { state in
            state.last += 1
            state.open.insert(state.last)
            return state.last
        }
    }

    func end(_ number: Int) { state.withLock { _ = $0.open.remove(number) } }

    /// Returns once all calls are answered that had begun before: what they brought is in the log then, or never will be.
    /// - Throws: `CancellationError`.
    func settle() async throws {
        let last = state.withLock { $0.last }
        while state.withLock({ $0.open.contains { $0 <= last } }) { try await Task.sleep(for: Self.interval) }
    }
}
