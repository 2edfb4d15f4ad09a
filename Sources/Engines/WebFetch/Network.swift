package import CCurl

/// A network, written like `10.0.0.0/8`, `fd00::/8`, or as a lone address.
public struct Network: Sendable {
    package let value: ccurl_network

    /// Nil for anything else.
    public init?(_ text: String) {
        var network = ccurl_network()
        guard ccurl_parse_network(text, &network) != 0 else { return nil }
        value = network
    }

    /// Whether pages may be fetched from an address, such as `93.184.216.34`: it lies in the public internet, or in one
    /// of the networks.
    package static func allows(_ address: String, besidesPublic networks: [Network]) -> Bool {
        networks.map(\.value).withUnsafeBufferPointer { networks in
            ccurl_may_connect(address, networks.baseAddress, networks.count) != 0
        }
    }
}
