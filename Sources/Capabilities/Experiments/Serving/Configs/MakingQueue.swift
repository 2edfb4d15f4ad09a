import InternetAddress
import NIOCore
import NIOPosix
import Synchronization

/// More documents wait to be made than may; a moment later there may be room.
public struct TooManyConfigs: Error, Sendable, CustomStringConvertible {
    public let description =
        "Too many configs for sets of experiences wait to be made. Send the same request again after a moment."
}

/// Makes documents on threads of its own, so that those that answer everybody stay free. What waits is made in turn, and is
/// bounded: in total, and for each client.
final class MakingQueue: Sendable {
    /// The most that may wait or be made, of all clients and of one.
    struct Limits {
        let total: Int
        let client: Int

        /// Whole documents are as many as projects have environments: nobody can ask for more.
        static let none = Limits(total: .max, client: .max)
        /// Sets of experiences are without number, and whoever asks for one needs no key.
        static let sets = Limits(total: 64, client: 16)
    }

    private struct State {
        var total = 0
        var byClient: [IPAddress?: Int] = [:]
    }

    private let limits: Limits
    private let threads: NIOThreadPool
    private let state = Mutex(State())

    init(_ limits: Limits, on threads: NIOThreadPool) {
        self.limits = limits
        self.threads = threads
    }

    /// Half of the processor, for each kind: whole documents, which all wait for, never wait behind sets.
    static let threadsForWhole = pool()
    static let threadsForSets = pool()

    private static func pool() -> NIOThreadPool {
        let pool = NIOThreadPool(numberOfThreads: max(1, System.coreCount / 2))
        pool.start()
        return pool
    }

    /// Runs work as soon as its turn comes.
    /// - Parameter client: the address that asks; nil when it is not known.
    /// - Throws: ``TooManyConfigs`` at once when there is no room to wait; what the work throws.
    func run<Value: Sendable>(
        for client: IPAddress?, _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        let network = client?.network
        let isTaken = state.withLock { state in
            let held = state.byClient[network, default: 0]
            guard state.total < limits.total, held < limits.client else { return false }
            state.total += 1
            state.byClient[network] = held + 1
            return true
        }
        guard isTaken else { throw TooManyConfigs() }
        defer { leave(network) }
        return try await threads.runIfActive(work)
    }

    /// What of a client's is being made, or waits.
    func count(of client: IPAddress?) -> Int { state.withLock { $0.byClient[client?.network, default: 0] } }

    private func leave(_ network: IPAddress?) {
        state.withLock { state in
            state.total -= 1
            let held = state.byClient[network, default: 1] - 1
            state.byClient[network] = held == 0 ? nil : held
        }
    }
}
