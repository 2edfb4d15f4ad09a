import Testing

@testable import InternetAddress

@Suite struct IPAddressTests {
    @Test(
        arguments: [
            ("0.0.0.0", 0, 0xFFFF_0000_0000), ("192.0.2.1", 0, 0xFFFF_C000_0201),
            ("255.255.255.255", 0, 0xFFFF_FFFF_FFFF),
            ("::", 0, 0), ("::1", 0, 1), ("2001:db8::1", 0x2001_0DB8_0000_0000, 1), ("1::", 0x1_0000_0000_0000, 0),
            ("::ffff:192.0.2.1", 0, 0xFFFF_C000_0201), ("1:2:3:4:5:6:7:8", 0x1_0002_0003_0004, 0x5_0006_0007_0008),
            ("64:ff9b::192.0.2.33", 0x64_FF9B_0000_0000, 0xC000_0221), ("FE80::A", 0xFE80_0000_0000_0000, 0xA),
            ("1:2:3:4:5:6:7::", 0x1_0002_0003_0004, 0x5_0006_0007_0000),
        ] as [(String, UInt64, UInt64)])
    func areParsed(text: String, high: UInt64, low: UInt64) throws {
        #expect(try #require(IPAddress(text)) == IPAddress(high: high, low: low))
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4 ", "-1.2.3.4", "1.2.3.x", "1..2.3", "+1.2.3.4",
        ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "12345::", "g::", "+1::",
        "::1.2.3.4:5", "1.2.3.4::", "::1.2.3", "fe80::1%eth0", "[::1]", "::1/64", "١.2.3.4",
        String(repeating: "1:", count: 40), String(repeating: "0", count: 46),
    ])
    func othersAreNone(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(arguments: [
        "192.0.2.1", "0.0.0.0", "::", "::1", "1::", "2001:db8::1", "1:2:3:4:5:6:7:8", "fe80::a", "1:2:3:4:5:6:7:0",
        "2001:db8:0:1:1:1:1:1", "2001:0:0:1::1", "2001:db8::1:0:0:1", "64:ff9b::c000:221",
    ])
    func areShownInTheirShortestForm(text: String) {
        #expect(IPAddress(text).map { "\($0)" } == text)
        #expect(IPAddress("::ffff:192.0.2.1").map { "\($0)" } == "192.0.2.1")
    }

    @Test func versionsAreTold() {
        #expect(IPAddress("1.2.3.4")?.isVersion4 == true && IPAddress("::ffff:1.2.3.4")?.isVersion4 == true)
        #expect(IPAddress("::1")?.isVersion4 == false && IPAddress("1::ffff:1.2.3.4")?.isVersion4 == false)
    }
}

@Suite struct IPRangeTests {
    @Test(arguments: [
        ("10.0.0.0/8", ["10.0.0.0", "10.255.255.255"], ["9.255.255.255", "11.0.0.0", "::10.0.0.1"]),
        ("10.1.2.3/8", ["10.0.0.0"], ["11.0.0.0"]), ("1.2.3.4", ["1.2.3.4", "::ffff:1.2.3.4"], ["1.2.3.5"]),
        ("0.0.0.0/0", ["0.0.0.0", "255.255.255.255"], ["::", "::1", "1::"]),
        ("fd00::/8", ["fd00::", "fdff::1"], ["fc00::", "fe00::", "1.2.3.4"]),
        ("::/0", ["::", "ffff::"], ["1.2.3.4"]),
        ("2001:db8::/64", ["2001:db8::ffff"], ["2001:db8:0:1::"]),
        ("2001:db8::1/128", ["2001:db8::1"], ["2001:db8::2"]),
        ("2001:db8::/63", ["2001:db8:0:1::"], ["2001:db8:0:2::"]), ("2001:db8::/65", [], ["2001:db8::8000:0:0:0"]),
    ])
    func networksHoldTheirAddresses(text: String, held: [String], others: [String]) throws {
        let range = try #require(IPRange(network: text))
        for address in held { #expect(range.contains(try #require(IPAddress(address))), "\(address)") }
        for address in others { #expect(!range.contains(try #require(IPAddress(address))), "\(address)") }
    }

    @Test(arguments: [
        "", "/8", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/+1", "10.0.0.0/8/8", "a/8",
    ])
    func othersAreNone(text: String) {
        #expect(IPRange(network: text) == nil)
    }

    @Test func endsAreInOrder() throws {
        func range(_ first: String, _ last: String) throws -> IPRange? {
            IPRange(first: try #require(IPAddress(first)), last: try #require(IPAddress(last)))
        }
        #expect(try range("1.1.1.1", "1.1.1.1") != nil && range("1.1.1.1", "1.1.2.0") != nil)
        #expect(try range("1.1.1.2", "1.1.1.1") == nil)
        #expect(try range("1.1.1.1", "::2:0:0:0") == nil && range("::1", "1.1.1.1") == nil)
    }
}
