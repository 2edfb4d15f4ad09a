import Text
public import WebFetch

/// Where a service is that the operator has named, such as `https://api.example.com/v1`.
///
/// Requests go there under the guard of the addresses that users give: into the public internet and the networks that the
/// operator allows. A machine that the address names by its number, or as `localhost`, may be reached besides, and no other.
public struct ServiceAddress: Sendable {
    private let base: String
    private let networks: [Network]

    /// Nil for what is no address of http or https, or has more than a host, a port and a path.
    /// - Parameter networks: what may be reached besides the public internet.
    public init?(_ text: String, besides networks: [Network]) {
        guard let scheme = ["https://", "http://"].first(where: text.hasBytePrefix) else { return nil }
        let rest = Array(text.utf8.dropFirst(scheme.utf8.count))
        // A user name, a query or a fragment has no place in it; neither have blanks and what is not ASCII.
        guard rest.allSatisfy({ (0x21...0x7E).contains($0) && !"@?#\\".utf8.contains($0) }) else { return nil }
        let authority = rest.prefix { $0 != UInt8(ascii: "/") }
        let host =
            authority.first == UInt8(ascii: "[")
            ? authority.dropFirst().prefix { $0 != UInt8(ascii: "]") }
            : authority.prefix { $0 != UInt8(ascii: ":") }
        guard !host.isEmpty else { return nil }
        base = text.hasByteSuffix("/") ? String(text.dropLast()) : text
        let name = String(decoding: host, as: UTF8.self)
        let own = name == "localhost" ? ["127.0.0.1", "::1"] : [name]
        self.networks = networks + own.compactMap(Network.init)
    }

    /// - Parameter path: begins with `/`, percent-encoded.
    public func request(_ method: String, _ path: String) -> ClientRequest {
        var request = ClientRequest(method: method, url: base + path)
        request.guardedNetworks = networks
        return request
    }
}
