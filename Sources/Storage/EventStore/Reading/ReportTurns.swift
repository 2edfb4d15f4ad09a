import Synchronization

/// More wait for their turn than may; a moment later there may be room.
struct TooManyReports: Error, CustomStringConvertible {
    let description = "too many reports wait to be made; send the same request again after a moment"
}

/// Lets so many reports be made at a time. Of those that wait, the next is of the holder who had a turn longest ago; those of one
/// holder come in their order.
final class ReportTurns: Sendable {
    private struct Waiting {
        let id: Int
        let holder: Int64
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var free: Int
        var lastID = 0
        var waiting: [Waiting] = []
        var lastTurns: [Int64: Int] = [:]

        mutating func give(_ holder: Int64) {
            lastID += 1
            lastTurns[holder] = lastID
        }
    }

    private let state: Mutex<State>
    private let mostWaiting: Int

    /// - Parameter mostWaiting: of one holder.
    init(atOnce count: Int, mostWaiting: Int) {
        state = Mutex(State(free: count))
        self.mostWaiting = mostWaiting
    }

    /// Runs the body when its turn has come.
    /// - Throws: ``TooManyReports``; `CancellationError` when the task is cancelled before; what the body throws.
    func run<Result: Sendable>(for holder: Int64, _ body: () async throws -> Result) async throws -> Result {
        try await begin(holder)
        defer { end() }
        return try await body()
    }

    var isTaken: Bool { state.withLock { $0.free == 0 } }

    var waitingCount: Int { state.withLock { $0.waiting.count } }

    private func begin(_ holder: Int64) async throws {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let answer: Swift.Result<Void, any Error>? = state.withLock { state in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    guard state.free == 0 else {
                        state.free -= 1
                        state.give(holder)
                        return .success(())
                    }
                    guard state.waiting.count(where: { $0.holder == holder }) < mostWaiting else {
                        return .failure(TooManyReports())
                    }
                    state.waiting.append(Waiting(id: id, holder: holder, continuation: continuation))
                    return nil
                }
                if let answer { continuation.resume(with: answer) }
            }
        } onCancel: {
            let left = state.withLock { state in
                state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0) }
            }
            left?.continuation.resume(throwing: CancellationError())
        }
    }

    private func end() {
        let next: Waiting? = state.withLock { state in
            let longest = state.waiting.indices.min { first, second in
                let one = state.lastTurns[state.waiting[first].holder] ?? 0
                let other = state.lastTurns[state.waiting[second].holder] ?? 0
                return one == other ? first < second : one < other
            }
            guard let longest else {
                state.free += 1
                state.lastTurns = [:]
                return nil
            }
            let next = state.waiting.remove(at: longest)
            state.give(next.holder)
            return next
        }
        next?.continuation.resume()
    }
}
