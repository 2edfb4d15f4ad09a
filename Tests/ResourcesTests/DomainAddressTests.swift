import ExperimentsTestSupport
import JSON
import Testing

@testable import Resources

@Suite struct DomainAddressTests {
    @Test(arguments: [
        ("HTTPS://Shop.Example.com/", "https://shop.example.com"),
        ("http://example.com:80/a/?q=1#f", "http://example.com/a"),
        ("https://example.com:8443", "https://example.com:8443"), ("https://*.example.com", "https://*.example.com"),
        ("http://localhost", "http://localhost"), ("https://müller.example", "https://xn--mller-kva.example"),
        ("https://*.xn--mller-kva.example", "https://*.xn--mller-kva.example"),
    ])
    func addressesHaveOneForm(text: String, form: String) {
        #expect(DomainAddress(text)?.description == form)
    }

    @Test(arguments: [
        "", "example.com", "ftp://example.com", "https://", "https:///path", "https://exa mple.com", "https://a..b",
        "https://.example.com", "https://*.", "https://a.*.com", "https://example.com:0", "https://example.com:x",
        "https://user@example.com", "https://[::1]", "javascript://example.com/%0aalert(1)",
    ])
    func whatIsNoAddressIsRefused(text: String) {
        #expect(DomainAddress(text) == nil)
    }

    @Test(arguments: [
        ("https://example.com", "http://example.com/a?b", true),
        ("https://example.com", "https://shop.example.com", false),
        ("https://*.example.com", "https://shop.example.com/x", true),
        ("https://*.example.com", "https://example.com", true),
        ("https://*.example.com", "https://notexample.com", false),
        ("https://example.com/shop", "https://example.com/shop/1", true),
        ("https://example.com/shop", "https://example.com/shopping", false),
        ("https://example.com:8443", "https://example.com", false),
        ("https://example.com/caf\u{E9}", "https://example.com/cafe\u{301}", false),
        ("https://example.com/a", "https://example.com/a/\u{301}b", true),
        // As browsers do with names of hosts.
        ("https://*.caf\u{E9}.example", "https://x.cafe\u{301}.example", true),
        ("https://*.caf\u{E9}.example", "https://x.xn--caf-dma.example", true),
        ("https://caf\u{E9}.example", "https://cafe.example", false),
    ])
    func sitesCoverTheirPages(site: String, page: String, isCovered: Bool) throws {
        #expect(try #require(DomainAddress(site)).covers(try #require(DomainAddress(page))) == isCovered)
    }

    @Test func theClosestSiteWins() async throws {
        let rig = try ExperimentsRig()
        for url in [
            "https://*.example.com", "https://*.eu.example.com", "http://www.x.com", "https://www.x.com",
            "https://shop.example.com", "https://shop.example.com/sale",
        ] {
            _ = try await rig.add(.domains, ["url": .string(url)])
        }
        func site(_ page: String) async throws -> String? {
            try await rig.service().domain(of: page, rig.scope())["url"]?.string
        }
        #expect(try await site("https://shop.example.com/sale/today") == "https://shop.example.com/sale")
        #expect(try await site("https://shop.example.com/new") == "https://shop.example.com")
        #expect(try await site("https://www.example.com/") == "https://*.example.com")
        // Whichever was there first: the longer wildcard, and the page's own scheme.
        #expect(try await site("https://a.eu.example.com/") == "https://*.eu.example.com")
        #expect(try await site("http://www.x.com/a") == "http://www.x.com")
        #expect(try await site("https://www.x.com./a") == "https://www.x.com")
        await #expect(throws: ExperimentsError.self) { try await site("https://other.example") }
        await #expect(throws: ExperimentsError.self) { try await site("no address") }
    }
}
