import Synchronization

/// Lets one task in at a time. Of those that wait, the next is of the holder whose last turn is longest ago; those of one
/// holder come in their order.
final class HolderTurns: Sendable {
    private struct State {
        var isTaken = false
        var waiting: [(holder: Int64, continuation: CheckedContinuation<Void, Never>)] = []
        /// Counts the turns that were given while anybody waited.
        var turns = 0
        var lastTurns: [Int64: Int] = [:]

        mutating func give(_ holder: Int64) {
            isTaken = true
            turns += 1
            lastTurns[holder] = turns
        }
    }

    private let state = Mutex(State())

    /// Runs the body when its turn has come.
    func run<Result: Sendable>(_ holder: Int64, _ body: () async throws -> Result) async rethrows -> Result {
        await begin(holder)
        defer { end() }
        return try await body()
    }

    var isTaken: Bool { state.withLock { $0.isTaken } }

    var waitingCount: Int { state.withLock { $0.waiting.count } }

    private func begin(_ holder: Int64) async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.isTaken else {
                    state.give(holder)
                    return true
                }
                state.waiting.append((holder, continuation))
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    private func end() {
        let next: CheckedContinuation<Void, Never>? = state.withLock { state in
            let longest = state.waiting.indices.min { first, second in
                let one = state.lastTurns[state.waiting[first].holder] ?? 0
                let other = state.lastTurns[state.waiting[second].holder] ?? 0
                return one == other ? first < second : one < other
            }
            guard let longest else {
                state = State()
                return nil
            }
            let next = state.waiting.remove(at: longest)
            state.give(next.holder)
            return next.continuation
        }
        next?.resume()
    }
}
