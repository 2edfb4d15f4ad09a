import EventStore
import Testing

@testable import Events
@testable import UserpilotAPI

@Suite struct DeviceTests {
    struct Agent: Sendable {
        var text: String
        var browser: String?
        var system: String?
        var device: String?
    }

    static let agents = [
        Agent(
            text:
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
            browser: "Chrome", system: "Windows", device: "desktop"),
        Agent(
            text:
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36 Edg/124.0.2478.51",
            browser: "Edge", system: "Windows", device: "desktop"),
        Agent(
            text:
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4.1 Safari/605.1.15",
            browser: "Safari", system: "macOS", device: "desktop"),
        Agent(
            text:
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4.1 Mobile/15E148 Safari/604.1",
            browser: "Safari", system: "iOS", device: "mobile"),
        Agent(
            text:
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/124.0.6367.88 Mobile/15E148 Safari/604.1",
            browser: "Chrome", system: "iOS", device: "mobile"),
        Agent(
            text:
                "Mozilla/5.0 (iPad; CPU OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/125.0 Mobile/15E148 Safari/605.1.15",
            browser: "Firefox", system: "iOS", device: "tablet"),
        Agent(
            text:
                "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36",
            browser: "Chrome", system: "Android", device: "mobile"),
        Agent(
            text:
                "Mozilla/5.0 (Linux; Android 13; SM-X906C) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/24.0 Chrome/117.0.0.0 Safari/537.36",
            browser: "Samsung Internet", system: "Android", device: "tablet"),
        Agent(
            text: "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0", browser: "Firefox",
            system: "Linux", device: "desktop"),
        Agent(
            text:
                "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
            browser: "Chrome", system: "Chrome OS", device: "desktop"),
        Agent(
            text: "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko", browser: "Internet Explorer",
            system: "Windows", device: "desktop"),
        Agent(
            text:
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0 Safari/537.36 OPR/110.0",
            browser: "Opera", system: "Windows", device: "desktop"),
        Agent(text: "curl/8.5.0"),
        Agent(text: ""),
        Agent(text: String(repeating: "🎉", count: 200)),
    ]

    @Test(arguments: agents)
    func userAgentsTellBrowserSystemAndDevice(_ agent: Agent) {
        let parsed = UserAgent(agent.text)
        #expect(parsed.browser == agent.browser, "\(agent.text)")
        #expect(parsed.operatingSystem == agent.system, "\(agent.text)")
        #expect(parsed.deviceType == agent.device, "\(agent.text)")
    }

    @Test(arguments: [
        ("https://example.com/path/to?q=1#f", "example.com", "/path/to"),
        ("http://EXAMPLE.com", "example.com", "/"),
        ("HTTPS://example.com?x=/a", "example.com", "/"),
        ("https://example.com:8443/a", "example.com", "/a"),
        ("https://user:pass@example.com/a", "example.com", "/a"),
        ("https://[2001:db8::1]:8080/a", "[2001:db8::1]", "/a"),
        ("https://example.com#frag", "example.com", "/"),
        ("https://müller.example/ü", "müller.example", "/ü"),
        ("https://example.com/\u{301}x?\u{301}y", "example.com", "/\u{301}x"),
        ("https://\u{600}@example.com:\u{301}8443/a#\u{301}", "example.com", "/a"),
    ])
    func addressesAreTakenApart(_ address: String, host: String, path: String) {
        let page = PageAddress(address)
        #expect(page?.hostname == host)
        #expect(page?.pathname == path)
    }

    @Test(arguments: ["", "/a", "example.com/a", "https://", "https:///a", "ftp://example.com", "https://:80/", "://x"])
    func otherAddressesAreNone(_ address: String) {
        #expect(PageAddress(address) == nil)
    }

    @Test func anAddressWinsOverItsPartsAndTheAgentOverTheSystem() throws {
        let event = try EventDecoder.sample().batch(
            """
            {"event_type": "page_view", "user_id": "u", "hostname": "h", "pathname": "/p",
             "url": "https://example.com/x?y", "user_agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/125.0",
             "operating_system": "OS/2", "browser": "Own", "device_type": "tv"}
            """)[0]
        #expect(event[.hostname] == "example.com")
        #expect(event[.pathname] == "/x")
        #expect(event[.operatingSystem] == "Windows")
        #expect(event[.browser] == "Own")
        #expect(event[.deviceType] == "tv")
    }
}
