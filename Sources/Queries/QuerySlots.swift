import Synchronization

/// How many queries run at once: the others wait for a while.
final class QuerySlots: Sendable {
    private let free: Mutex<Int>
    private static let pause = Duration.milliseconds(25)

    init(count: Int) {
        free = Mutex(max(count, 1))
    }

    /// Takes a slot, which `giveBack()` returns.
    ///
    /// - Throws: ``QueryError/tooBusy(retryAfterSeconds:)`` when none became free in time; `CancellationError`.
    func take(waiting seconds: Double) async throws {
        let end = ContinuousClock.now + .seconds(seconds)
        while true {
            let isTaken = free.withLock { free in
                guard free > 0 else { return false }
                free -= 1
                return true
            }
            if isTaken { return }
            guard ContinuousClock.now < end else { throw QueryError.tooBusy(retryAfterSeconds: 2) }
            try await Task.sleep(for: Self.pause)
        }
    }

    func giveBack() {
        free.withLock { $0 += 1 }
    }
}
