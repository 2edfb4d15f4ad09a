import Synchronization

/// Counts commits of experiment events with ids below some that are stored. Ids are given as events are decided on; what the
/// log refuses for a while is stored after what came behind it.
final class Latecomers: Sendable {
    private struct State {
        /// The greatest id that is known to be stored; nil while nothing is known.
        var greatest: EventIdentifier?
        var count = 0
    }

    private let state = Mutex(State())

    /// How many there were. The first commit of a process counts: nobody knows what is stored already.
    var count: Int { state.withLock(\.count) }

    /// Notes a commit, once it can be read.
    /// - Parameters:
    ///   - first: its least id; nil when that is not known.
    ///   - last: its greatest.
    func note(from first: EventIdentifier?, to last: EventIdentifier?) {
        state.withLock { state in
            if let first, let greatest = state.greatest, first > greatest {
                state.greatest = last ?? greatest
                return
            }
            state.count += 1
            if let last { state.greatest = max(state.greatest ?? last, last) }
        }
    }
}
