import Testing
import Text

@Suite struct HostNameTests {
    @Test(arguments: [
        ("Shop.Example", "shop.example"), ("sh\u{F6}p.example", "xn--shp-tna.example"),
        ("SHO\u{308}P.example", "xn--shp-tna.example"), ("*.stra\u{DF}e.de", "*.xn--strae-oqa.de"),
        ("例え.jp", "xn--r8jz45g.jp"), ("xn--shp-tna.example", "xn--shp-tna.example"), ("[::1]", "[::1]"), ("", ""),
    ])
    func hostsAreNamedAsBrowsersNameThem(_ host: String, _ name: String) {
        #expect(HostName.ascii(host) == name)
    }

    @Test(arguments: ["a\u{200D}b.example", "é é", "é/é", "user:é@example"])
    func whatIsNoHostHasNone(_ host: String) {
        #expect(HostName.ascii(host) == nil)
    }
}
