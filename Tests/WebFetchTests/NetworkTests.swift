import Testing

@testable import WebFetch

@Suite struct NetworkTests {
    @Test(arguments: [
        "93.184.216.34", "1.1.1.1", "172.15.255.255", "172.32.0.0", "100.63.255.255", "100.128.0.0", "223.255.255.255",
        "2606:2800:220:1::1", "2a00:1450:4001::1",
    ])
    func publicAddressesMayBeReached(_ address: String) {
        #expect(Network.allows(address, besidesPublic: []))
    }

    @Test(arguments: [
        "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1", "203.0.113.9",
        "::", "::1", "::ffff:127.0.0.1", "::ffff:93.184.216.34", "64:ff9b::7f00:1", "fe80::1", "fc00::1", "fd12::1",
        "ff02::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "", "localhost", "127.1", "0x7f.0.0.1",
    ])
    func allOthersMayNot(_ address: String) {
        #expect(!Network.allows(address, besidesPublic: []))
    }

    @Test func namedNetworksMayBeReached() throws {
        let networks = try ["127.0.0.1", "10.1.0.0/15", "fd00::/8"].map { try #require(Network($0)) }
        for address in ["127.0.0.1", "10.0.0.0", "10.1.2.3", "fd12::1"] {
            #expect(Network.allows(address, besidesPublic: networks))
        }
        for address in ["127.0.0.2", "10.2.0.0", "fe80::1", "192.168.0.1"] {
            #expect(!Network.allows(address, besidesPublic: networks))
        }
    }

    @Test(arguments: ["", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0/8", "fd00::/129", "host/8"])
    func otherTextIsNoNetwork(_ text: String) {
        #expect(Network(text) == nil)
    }
}
