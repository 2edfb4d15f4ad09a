import InternetAddress
import Synchronization

/// How many connections there may be, or streams, in total and of one address: each takes some memory, and a connection an open
/// file, whether it says something or not.
final class ConnectionLimits: Sendable {
    /// A connection's or stream's place, given back with its last reference.
    final class Place: Sendable {
        private let limits: ConnectionLimits
        private let network: IPAddress?

        fileprivate init(_ limits: ConnectionLimits, _ network: IPAddress?) {
            self.limits = limits
            self.network = network
        }

        deinit { limits.leave(network) }
    }

    private struct State {
        var total = 0
        var byNetwork: [IPAddress: Int] = [:]
    }

    private let total: Int
    private let perAddress: Int
    private let exempt: [IPRange]
    private let state = Mutex(State())

    /// - Parameter exempt: networks whose addresses count in total only.
    init(total: Int, perAddress: Int, exempt: [IPRange]) {
        self.total = total
        self.perAddress = perAddress
        self.exempt = exempt
    }

    /// - Parameter address: the peer's; nil when it is not known, as of one that is gone already.
    /// - Returns: nil when there are too many.
    func admit(_ address: IPAddress?) -> Place? {
        let network = address.flatMap { address in exempt.contains { $0.contains(address) } ? nil : address.network }
        let isAdmitted = state.withLock { state in
            guard state.total < total else { return false }
            if let network {
                let count = state.byNetwork[network, default: 0]
                guard count < perAddress else { return false }
                state.byNetwork[network] = count + 1
            }
            state.total += 1
            return true
        }
        return isAdmitted ? Place(self, network) : nil
    }

    private func leave(_ network: IPAddress?) {
        state.withLock { state in
            state.total -= 1
            guard let network else { return }
            let count = state.byNetwork[network, default: 1] - 1
            state.byNetwork[network] = count == 0 ? nil : count
        }
    }
}

extension IPRange {
    /// This machine's own addresses.
    static let loopback = ["127.0.0.0/8", "::1"].compactMap { IPRange(network: $0) }
}
