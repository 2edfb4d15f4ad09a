import Synchronization

/// Counts what a crash would leave to be read back.
final class CheckpointTally: Sendable {
    /// What only the write-ahead log holds.
    struct Unfolded: Equatable {
        var commits = 0
        /// Rows of commits of ``CheckpointTally/fewRows`` at most: the engine reads these back slowly.
        var scatteredRows = 0
        /// Since the first of the commits.
        var seconds = 0.0
    }

    /// The engine appends up to so many rows at a time: what comes in smaller parts costs it more a row.
    static let fewRows = 2_048

    private struct State {
        var unfolded = Unfolded()
        var since: ContinuousClock.Instant?
    }

    private let state = Mutex(State())

    /// Notes a commit that only the write-ahead log holds.
    func add(rows: Int) {
        add(Unfolded(commits: 1, scatteredRows: rows > Self.fewRows ? 0 : rows))
    }

    /// Notes such commits.
    func add(_ unfolded: Unfolded) {
        if unfolded.commits == 0 { return }
        state.withLock { state in
            state.unfolded.commits += unfolded.commits
            state.unfolded.scatteredRows += unfolded.scatteredRows
            state.since = state.since ?? .now
        }
    }

    var current: Unfolded {
        state.withLock { state in
            var unfolded = state.unfolded
            unfolded.seconds = state.since.map { $0.duration(to: .now) / .seconds(1) } ?? 0
            return unfolded
        }
    }

    /// Forgets those that were there when a checkpoint began.
    func remove(_ folded: Unfolded) {
        state.withLock { state in
            state.unfolded.commits = max(state.unfolded.commits - folded.commits, 0)
            state.unfolded.scatteredRows = max(state.unfolded.scatteredRows - folded.scatteredRows, 0)
            state.since = state.unfolded.commits == 0 ? nil : .now
        }
    }
}
