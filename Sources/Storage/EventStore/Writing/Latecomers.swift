import Synchronization

/// Counts commits of experiment events with ids below some that may be stored. Ids are given as events are decided on; what
/// the log refuses for a while is stored after what came behind it.
final class Latecomers: Sendable {
    private struct State {
        /// The greatest id that is stored, or was to be; nil while nobody has looked.
        var greatest: EventIdentifier?
        var count = 0
    }

    private let state = Mutex(State())

    /// How many there were.
    var count: Int { state.withLock(\.count) }

    /// Whether nobody has said yet what is stored from before.
    var knowsNothing: Bool { state.withLock { $0.greatest == nil } }

    /// Notes what is stored, or about to be.
    /// - Parameter last: the greatest id.
    func begin(_ last: EventIdentifier) {
        state.withLock { $0.greatest = max($0.greatest ?? last, last) }
    }

    /// Notes that a commit can be read: whoever has looked behind it meanwhile has not seen it.
    func end(_ last: EventIdentifier) {
        state.withLock { state in
            if state.greatest.map({ last < $0 }) ?? true { state.count += 1 }
        }
    }

    /// Notes a commit of ids that nobody knows.
    func add() { state.withLock { $0.count += 1 } }
}
