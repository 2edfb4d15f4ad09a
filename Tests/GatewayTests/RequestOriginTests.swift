import InternetAddress
import NIOCore
import Testing

@testable import Gateway

@Suite struct RequestOriginTests {
    @Test(arguments: [
        // Nobody is believed but the proxies.
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"), ("::1", ["2001:db8::7"], "2001:db8::7"),
        // What the client made up stands before what the proxy added.
        ("10.0.0.1", ["192.0.2.66, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["192.0.2.66", "198.51.100.1"], "198.51.100.1"),
        // What combines with the proxy's comma, in the text's eyes, does not hide what the proxy added.
        ("10.0.0.1", ["192.0.2.66\u{600}, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["192.0.2.66,\u{301}198.51.100.1"], "10.0.0.1"),
        ("10.0.0.1", ["\u{600}198.51.100.1, 10.2.2.2\u{301}"], "10.0.0.1"),
        // A chain of proxies.
        ("10.0.0.1", ["192.0.2.66,198.51.100.1 , 10.2.2.2"], "198.51.100.1"), ("10.0.0.1", ["10.0.0.7"], "10.0.0.7"),
        ("10.0.0.1", [], "10.0.0.1"), ("10.0.0.1", [""], "10.0.0.1"), ("10.0.0.1", ["unknown"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1, unknown, 10.2.2.2"], "10.2.2.2"),
        ("10.0.0.1", ["198.51.100.1:5123"], "198.51.100.1"), ("10.0.0.1", ["[2001:db8::7]:443"], "2001:db8::7"),
        ("10.0.0.1", ["2001:db8::7:443"], "2001:db8::7:443"),
    ])
    func isTheLastWhoIsNoProxy(peer: String, forwarded: [String], client: String) throws {
        let proxies = ["10.0.0.0/8", "::1"].compactMap { IPRange(network: $0) }
        let found = RequestOrigin.client(of: try #require(IPAddress(peer)), forwarded: forwarded, trusting: proxies)
        #expect(try found == #require(IPAddress(client)))
    }

    @Test func socketsHaveAddresses() throws {
        #expect(IPAddress(try SocketAddress(ipAddress: "192.0.2.1", port: 80)) == IPAddress("192.0.2.1"))
        #expect(IPAddress(try SocketAddress(ipAddress: "2001:db8::1", port: 80)) == IPAddress("2001:db8::1"))
        #expect(IPAddress(try SocketAddress(unixDomainSocketPath: "/s")) == nil)
    }
}
