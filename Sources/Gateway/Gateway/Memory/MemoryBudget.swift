import InternetAddress
import Synchronization

/// What requests hold in memory while they are read and answered: in total, by the address they come from, and by the key
/// they showed. Whoever asks for more than a share waits for their own requests to end, and nobody else does.
final class MemoryBudget: Sendable {
    /// Whom a request is charged to.
    struct Client: Sendable, Hashable {
        /// Nil when it is not known: all of those share one share.
        let network: IPAddress?
        /// Nil for strangers: callers who have shown nothing that only they know, or not yet.
        var key: String?

        init(address: IPAddress?, key: String?) {
            network = address?.network
            self.key = key
        }
    }

    /// The most that all requests may hold together, in bytes.
    let totalBytes: Int
    /// The most that the requests with one key, or from one network, may hold.
    var clientBytes: Int { totalBytes / 4 * 3 }
    /// The most that all strangers may hold together.
    var strangersBytes: Int { totalBytes / 4 }
    /// The most that the strangers of one network may hold.
    var strangerBytes: Int { totalBytes / 16 }

    private struct Held {
        var total = 0
        var strangers = 0
        var byClient: [Client: Int] = [:]
        var byNetwork: [IPAddress?: Int] = [:]
        var byKey: [String: Int] = [:]
    }
    private let held = Mutex(Held())

    init(totalBytes: Int) {
        self.totalBytes = totalBytes
    }

    /// The most that one request of a client may hold, however few others there are.
    func mostBytes(for client: Client) -> Int {
        client.key == nil ? strangerBytes : clientBytes
    }

    /// Adds bytes to what a client holds.
    /// - Parameter beyondShare: whether a stranger may have as much as somebody with a key.
    /// - Returns: false when that is more than a share, or more than there is; then nothing is added.
    func take(_ bytes: Int, for client: Client, beyondShare: Bool = false) -> Bool {
        held.withLock { held in
            guard bytes <= totalBytes - held.total else { return false }
            guard bytes <= clientBytes - held.byNetwork[client.network, default: 0] else { return false }
            if let key = client.key {
                guard bytes <= clientBytes - held.byKey[key, default: 0] else { return false }
            } else if !beyondShare {
                guard bytes <= strangersBytes - held.strangers,
                    bytes <= strangerBytes - held.byClient[client, default: 0]
                else { return false }
            }
            Self.add(bytes, of: client, to: &held)
            return true
        }
    }

    /// Takes bytes back.
    func give(_ bytes: Int, of client: Client) {
        held.withLock { Self.add(-bytes, of: client, to: &$0) }
    }

    /// Whether more than half of what a client could have is held, by it or by others: then whoever keeps memory without
    /// using it is in the way.
    func isScarce(for client: Client) -> Bool {
        held.withLock { held in
            if held.total > totalBytes / 2 { return true }
            if let key = client.key { return held.byKey[key, default: 0] > clientBytes / 2 }
            return held.strangers > strangersBytes / 2 || held.byClient[client, default: 0] > strangerBytes / 2
        }
    }

    /// What is held in all, in bytes.
    var heldBytes: Int { held.withLock { $0.total } }

    private static func add(_ bytes: Int, of client: Client, to held: inout Held) {
        /// Who holds nothing is forgotten.
        func add<Name>(_ name: Name, _ counts: inout [Name: Int]) {
            let count = counts[name, default: 0] + bytes
            counts[name] = count == 0 ? nil : count
        }
        held.total += bytes
        add(client.network, &held.byNetwork)
        if let key = client.key {
            add(key, &held.byKey)
        } else {
            held.strangers += bytes
            add(client, &held.byClient)
        }
    }
}
