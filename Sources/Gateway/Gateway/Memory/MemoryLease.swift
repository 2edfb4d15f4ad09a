import HTTPTypes
import InternetAddress
import Synchronization

/// What one request, or one answer, holds of the ``MemoryBudget``. A request's grows with what has arrived, been unpacked and
/// been parsed, and is given back when the request is answered; an answer's is given back when it is written to the socket.
final class MemoryLease: Sendable {
    private struct State {
        var key: String?
        /// Known once anything is held.
        var client: MemoryBudget.Client?
        var bytes = 0
    }

    private let budget: MemoryBudget
    private let address: @Sendable () -> IPAddress?
    private let state: Mutex<State>

    /// So little is not worth accounting for.
    private static let freeBytes = 32 * 1_024
    /// What is held grows by so much at least, so that a body that arrives in small pieces does not ask for each.
    private static let stepBytes = 64 * 1_024

    /// - Parameters:
    ///   - key: the key that the client has proved; nil for strangers.
    ///   - address: the client's; asked for once there is something to account for.
    init(_ budget: MemoryBudget, key: String?, address: @escaping @Sendable () -> IPAddress?) {
        self.budget = budget
        self.address = address
        state = Mutex(State(key: key))
    }

    /// Whether its client has proved no key, so far.
    var isStranger: Bool { state.withLock { $0.key == nil } }

    /// Makes sure that so many bytes are held.
    /// - Throws: `APIError` 413 when one request may not hold as many, 429 when others must end first.
    func grow(to bytes: Int) throws(APIError) {
        guard bytes > Self.freeBytes else { return }
        let refusal: APIError? = state.withLock { state in
            guard bytes > state.bytes else { return nil }
            let client = state.client ?? MemoryBudget.Client(address: address(), key: state.key)
            state.client = client
            let most = budget.mostBytes(for: client)
            guard bytes <= most else { return Self.tooMuch(most) }
            // Only what is needed, where a step more is not to be had.
            for wanted in [min(max(bytes, state.bytes + Self.stepBytes), most), bytes]
            where budget.take(wanted - state.bytes, for: client) {
                state.bytes = wanted
                return nil
            }
            return Self.tooMany
        }
        if let refusal { throw refusal }
    }

    /// Holds what an answer takes.
    /// - Parameter beyondShare: whether a stranger may have as much as somebody with a key.
    /// - Returns: false when others must end first.
    func hold(_ bytes: Int, beyondShare: Bool) -> Bool {
        state.withLock { state in
            let client = MemoryBudget.Client(address: address(), key: state.key)
            guard budget.take(bytes, for: client, beyondShare: beyondShare) else { return false }
            state.client = client
            state.bytes += bytes
            return true
        }
    }

    /// What is held, in bytes.
    var bytes: Int { state.withLock { $0.bytes } }

    /// Whether others could use what is held.
    var isScarce: Bool {
        guard let client = state.withLock({ $0.client }) else { return false }
        return budget.isScarce(for: client)
    }

    /// Charges what is held to a key, once it is proved.
    /// - Throws: `APIError` 429 when the key holds its share.
    func charge(to key: String) throws(APIError) {
        let refusal: APIError? = state.withLock { state in
            guard state.key != key else { return nil }
            state.key = key
            guard let stranger = state.client else { return nil }
            let held = state.bytes
            var client = stranger
            client.key = key
            budget.give(held, of: stranger)
            (state.client, state.bytes) = (client, 0)
            guard budget.take(held, for: client) else { return Self.tooMany }
            state.bytes = held
            return nil
        }
        if let refusal { throw refusal }
    }

    deinit {
        let state = state.withLock { $0 }
        if let client = state.client, state.bytes > 0 { budget.give(state.bytes, of: client) }
    }

    private static let tooMany = APIError.tooManyRequests(
        "Too many large requests are under way. Send the same request again after a moment.", retryAfterSeconds: 2)

    private static func tooMuch(_ bytes: Int) -> APIError {
        APIError(
            .contentTooLarge,
            "The request would take more than \(bytes) bytes of memory: its body is too large, or holds too many values. Split it.",
            headers: [.connection: "close"])
    }
}
