import Testing

@testable import Serving

@Suite struct SiteOriginsTests {
    private let origins = SiteOrigins([
        "https://shop.example/", "http://Shop2.example:80/path?x", "https://*.brand.example",
        "http://localhost:3000/app",
        "http://[::1]:8080", "no address", "https://sh\u{F6}p.example", "https://*.m\u{FC}ller.example:8443",
    ])

    @Test(arguments: [
        "https://shop.example", "http://shop.example", "https://SHOP.example", "https://shop.example.",
        "https://shop.example:443",
        "https://shop2.example", "https://brand.example", "https://a.b.brand.example", "http://localhost:3000",
        "http://[::1]:8080", "https://xn--shp-tna.example", "https://a.xn--mller-kva.example:8443",
    ])
    func pagesOfTheSites(_ origin: String) {
        #expect(origins.contains(origin))
    }

    @Test(arguments: [
        "https://www.shop.example", "https://shop.example:8443", "http://shop.example:443", "https://evilbrand.example",
        "https://shop.example.evil.example", "http://localhost", "http://localhost:3001", "http://[::1]", "null", "",
        "https://",
        "shop.example", "https://*.brand.example.evil.example",
    ])
    func pagesOfOthers(_ origin: String) {
        #expect(!origins.contains(origin))
    }

    @Test func noSiteAtAll() {
        #expect(SiteOrigins([]).isEmpty && SiteOrigins(["x"]).isEmpty && !origins.isEmpty)
    }
}
