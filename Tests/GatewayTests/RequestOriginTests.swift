import HTTPTypes
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

    private static let peer = try? SocketAddress(ipAddress: "10.0.0.1", port: 1)
    private static let proxies = ["10.0.0.0/8"].compactMap { IPRange(network: $0) }

    private static func fields(_ pairs: [(String, String)]) -> HTTPFields {
        var fields = HTTPFields()
        for (name, value) in pairs {
            if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        return fields
    }

    @Test(arguments: [
        ([("X-Forwarded-Proto", "https")], true), ([("X-Forwarded-Proto", "HTTPS ")], true),
        ([("X-Forwarded-Proto", "http")], false), ([("X-Forwarded-Proto", "gopher")], nil), ([], nil),
        // One proxy replaces the scheme, two name each their own.
        ([("X-Forwarded-For", "192.0.2.1, 10.0.0.2"), ("X-Forwarded-Proto", "https")], true),
        ([("X-Forwarded-For", "192.0.2.1, 10.0.0.2"), ("X-Forwarded-Proto", "https, http")], true),
        ([("X-Forwarded-For", "10.0.0.7"), ("X-Forwarded-Proto", "https")], true),
        // What stands before what the outermost proxy says, the client may have made up.
        ([("X-Forwarded-For", "10.9.9.9, 192.0.2.1"), ("X-Forwarded-Proto", "https, http")], false),
        ([("X-Forwarded-Proto", "https"), ("X-Forwarded-Proto", "http")], false),
        ([("Forwarded", "for=192.0.2.1;proto=https")], true),
        ([("Forwarded", "For=\"[2001:db8::1]:80\" ; PROTO=\"https\"; by=10.0.0.1")], true),
        ([("Forwarded", "for=192.0.2.1;proto=https, for=10.0.0.2;proto=http")], true),
        ([("Forwarded", "for=10.0.0.9;proto=https, for=192.0.2.1;proto=http")], false),
        ([("Forwarded", "for=\"a, b;proto=https\";proto=http")], false),
        ([("Forwarded", "proto=https"), ("X-Forwarded-Proto", "http")], false),
        ([("Forwarded", "\"")], nil), ([("Forwarded", "proto")], nil), ([("Forwarded", ";,=,\"\\")], nil),
    ])
    func knowsHowTheClientSpeaks(pairs: [(String, String)], isSecure: Bool?) {
        let fields = Self.fields(pairs)
        #expect(RequestOrigin(peer: Self.peer, trustedProxies: Self.proxies).isSecure(fields) == isSecure)
        #expect(RequestOrigin(peer: Self.peer, trustedProxies: []).isSecure(fields) == nil)
        let stranger = try? SocketAddress(ipAddress: "192.0.2.9", port: 1)
        #expect(RequestOrigin(peer: stranger, trustedProxies: Self.proxies).isSecure(fields) == nil)
        #expect(RequestOrigin(peer: nil, trustedProxies: Self.proxies).isSecure(fields) == nil)
    }

    @Test(arguments: [
        ([("Forwarded", "for=192.0.2.1")], "192.0.2.1"),
        ([("Forwarded", "for=203.0.113.66, for=192.0.2.1:4711;proto=https, for=10.0.0.2")], "192.0.2.1"),
        ([("Forwarded", "for=\"[2001:db8::1]:80\"")], "2001:db8::1"),
        ([("Forwarded", "for=_hidden, for=10.0.0.2")], "10.0.0.2"), ([("Forwarded", "for=unknown")], "10.0.0.1"),
        ([("Forwarded", "for=192.0.2.1, proto=https")], "10.0.0.1"),
        // A proxy that knows only the older form lets through what the client writes into the other one.
        ([("Forwarded", "for=203.0.113.66"), ("X-Forwarded-For", "192.0.2.1")], "192.0.2.1"),
    ])
    func findsTheClientInEitherForm(pairs: [(String, String)], client: String) {
        let origin = RequestOrigin(peer: Self.peer, trustedProxies: Self.proxies)
        #expect(origin.clientAddress(Self.fields(pairs)) == IPAddress(client))
    }

    @Test func socketsHaveAddresses() throws {
        #expect(IPAddress(try SocketAddress(ipAddress: "192.0.2.1", port: 80)) == IPAddress("192.0.2.1"))
        #expect(IPAddress(try SocketAddress(ipAddress: "2001:db8::1", port: 80)) == IPAddress("2001:db8::1"))
        #expect(IPAddress(try SocketAddress(unixDomainSocketPath: "/s")) == nil)
    }
}
