import Synchronization

/// How many queries run at once, and which comes next: environments take turns, and none has all the room there is, so
/// that long queries of one keep nobody else from asking.
final class QuerySlots: Sendable {
    private struct Waiter {
        let number: Int
        let environmentID: Int64
    }

    private struct State {
        var free: Int
        /// Queries under way, by environment.
        var running: [Int64: Int] = [:]
        /// In the order they came.
        var waiting: [Waiter] = []
        var lastNumber = 0
    }

    private let state: Mutex<State>
    private let mostOfEnvironment: Int
    private let mostWaitingOfEnvironment: Int
    private static let pause = Duration.milliseconds(25)

    convenience init(_ limits: QueryLimits) {
        let count = max(limits.concurrentQueries, 1)
        self.init(limits, count: count, ofEnvironment: min(limits.queriesOfEnvironment, count - 1))
    }

    /// The slots of whole results, which take one of the others besides.
    static func ofWholeResults(_ limits: QueryLimits) -> QuerySlots {
        QuerySlots(limits, count: limits.concurrentQueries - 1, ofEnvironment: limits.wholeResultsOfEnvironment)
    }

    private init(_ limits: QueryLimits, count: Int, ofEnvironment most: Int) {
        state = Mutex(State(free: max(count, 1)))
        mostOfEnvironment = max(most, 1)
        mostWaitingOfEnvironment = limits.waitingQueriesOfEnvironment
    }

    /// Takes a slot, which `giveBack(environmentID:)` returns.
    ///
    /// - Throws: ``QueryError/tooBusy(retryAfterSeconds:)`` when none became free in time, or too many wait for one
    ///   already; `CancellationError`.
    func take(environmentID: Int64, waiting seconds: Double) async throws {
        let end = ContinuousClock.now + .seconds(seconds)
        let number = try queue(environmentID)
        do {
            while !begin(number) {
                guard ContinuousClock.now < end else { throw QueryError.tooBusy(retryAfterSeconds: 2) }
                try await Task.sleep(for: Self.pause)
            }
        } catch {
            state.withLock { state in state.waiting.removeAll { $0.number == number } }
            throw error
        }
    }

    func giveBack(environmentID: Int64) {
        state.withLock { state in
            state.free += 1
            let left = (state.running[environmentID] ?? 1) - 1
            state.running[environmentID] = left > 0 ? left : nil
        }
    }

    /// Queries that wait for their turn.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    private func queue(_ environmentID: Int64) throws(QueryError) -> Int {
        let number: Int? = state.withLock { state in
            let waiting = state.waiting.count { $0.environmentID == environmentID }
            guard waiting < mostWaitingOfEnvironment else { return nil }
            state.lastNumber += 1
            state.waiting.append(Waiter(number: state.lastNumber, environmentID: environmentID))
            return state.lastNumber
        }
        guard let number else { throw .tooBusy(retryAfterSeconds: 5) }
        return number
    }

    /// Begins with a query when it is the next: one of the environment that runs the fewest, and of those the first that
    /// came.
    private func begin(_ number: Int) -> Bool {
        state.withLock { state in
            guard state.free > 0 else { return false }
            let mayRun = state.waiting.filter { state.running[$0.environmentID, default: 0] < mostOfEnvironment }
            let next = mayRun.min {
                (state.running[$0.environmentID, default: 0], $0.number)
                    < (state.running[$1.environmentID, default: 0], $1.number)
            }
            guard let next, next.number == number else { return false }
            state.waiting.removeAll { $0.number == number }
            state.free -= 1
            state.running[next.environmentID, default: 0] += 1
            return true
        }
    }
}
