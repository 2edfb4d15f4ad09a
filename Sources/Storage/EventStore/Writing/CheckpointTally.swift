import Synchronization

/// Counts the commits that a crash would leave to be read back.
final class CheckpointTally: Sendable {
    private struct State {
        var commits = 0
        var since: ContinuousClock.Instant?
    }

    private let state = Mutex(State())

    /// Notes commits that only the write-ahead log holds.
    func add(_ commits: Int = 1) {
        if commits == 0 { return }
        state.withLock { state in
            state.commits += commits
            state.since = state.since ?? .now
        }
    }

    /// Commits, and seconds since the first of them.
    var current: (commits: Int, seconds: Double) {
        state.withLock { state in
            (state.commits, state.since.map { $0.duration(to: .now) / .seconds(1) } ?? 0)
        }
    }

    /// Forgets those that were there when a checkpoint began.
    func remove(_ commits: Int) {
        state.withLock { state in
            state.commits = max(state.commits - commits, 0)
            state.since = state.commits == 0 ? nil : .now
        }
    }
}
