import Synchronization

/// What the server still waits for before it can do all of its work: what `/ready` answers with.
///
/// Whoever needs time, or may fail and come back, registers under a name of its own and is asked whenever somebody
/// wants to know.
public final class Readiness: Sendable {
    /// Why something is not there at present, with how far it has come; nil when it is.
    public typealias Reason = @Sendable () async -> String?

    private let reasons = Mutex<[(name: String, reason: Reason)]>([])

    public init() {}

    /// Asks `reason` from now on.
    /// - Parameter name: short and fixed, such as `event_store`; replaces what was registered under it before.
    public func wait(for name: String, _ reason: @escaping Reason) {
        reasons.withLock { reasons in
            if let index = reasons.firstIndex(where: { $0.name == name }) {
                reasons[index].reason = reason
            } else {
                reasons.append((name, reason))
            }
        }
    }

    /// Forgets what is registered under the name.
    public func end(_ name: String) {
        reasons.withLock { $0.removeAll { $0.name == name } }
    }

    /// Why the server is not ready, as whoever registered first says; nil when it is.
    public var reason: String? {
        get async { await waiting().first?.reason }
    }

    /// What is not there, in the order of registration; empty when the server is ready.
    func waiting() async -> [(name: String, reason: String)] {
        var waiting: [(String, String)] = []
        for (name, reason) in reasons.withLock({ $0 }) {
            if let reason = await reason() { waiting.append((name, reason)) }
        }
        return waiting
    }
}
