import HTTPTypes
import InternetAddress
import NIOCore
import Text

/// Where a request comes from.
struct RequestOrigin: Sendable {
    let peer: SocketAddress?
    /// Networks of proxies that are believed.
    let trustedProxies: [IPRange]

    /// The client's address: the connection's own, or, where that is a trusted proxy, the last one that proxies tell of
    /// and that is none; nil when it is not known.
    func clientAddress(_ headers: HTTPFields) -> IPAddress? {
        guard let peer = peer.flatMap(IPAddress.init) else { return nil }
        return Self.client(of: peer, told: ToldHops(headers), trusting: trustedProxies).address
    }

    /// Whether the client speaks to the outermost trusted proxy over TLS; nil where no trusted proxy says so.
    func isSecure(_ headers: HTTPFields) -> Bool? {
        // Of nearly all requests nobody else is told.
        guard !trustedProxies.isEmpty, let peer = peer.flatMap(IPAddress.init), isTrusted(peer) else { return nil }
        let told = ToldHops(headers)
        return told.isSecure(past: Self.client(of: peer, told: told, trusting: trustedProxies).hops)
    }

    private func isTrusted(_ address: IPAddress) -> Bool { trustedProxies.contains { $0.contains(address) } }

    /// - Parameter forwarded: the lines of `X-Forwarded-For`, in their order.
    static func client(of peer: IPAddress, forwarded: [String], trusting proxies: [IPRange]) -> IPAddress {
        client(of: peer, told: ToldHops(forwardedFor: forwarded), trusting: proxies).address
    }

    /// - Returns: with how many proxies are between the client and the last one.
    private static func client(
        of peer: IPAddress, told: ToldHops, trusting proxies: [IPRange]
    ) -> (address: IPAddress, hops: Int) {
        func isTrusted(_ address: IPAddress) -> Bool { proxies.contains { $0.contains(address) } }
        var (client, hops) = (peer, 0)
        guard isTrusted(client) else { return (client, hops) }
        // Each proxy adds whom it heard from at the end: what stands before that of a stranger may be made up.
        for entry in told.senders.reversed() {
            guard let address = address(in: entry) else { break }
            client = address
            guard isTrusted(client) else { break }
            hops += 1
        }
        return (client, hops)
    }

    /// Some proxies add a port.
    private static func address(in entry: String) -> IPAddress? {
        // By bytes: what a client puts before a proxy's comma must not hide it.
        func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var text = entry.utf8.drop(while: isSpace)
        while let last = text.last, isSpace(last) { text.removeLast() }
        if text.first == UInt8(ascii: "["), let end = text.firstIndex(of: UInt8(ascii: "]")) {
            return IPAddress(Substring(text[..<end].dropFirst()))
        }
        if let address = IPAddress(Substring(text)) { return address }
        guard let colon = text.lastIndex(of: UInt8(ascii: ":")) else { return nil }
        return IPAddress(Substring(text[..<colon])).flatMap { $0.isVersion4 ? $0 : nil }
    }
}

extension IPAddress {
    /// Nil for sockets that are none of the internet.
    init?(_ address: SocketAddress) {
        guard let text = address.ipAddress, let own = IPAddress(text) else { return nil }
        self = own
    }
}
