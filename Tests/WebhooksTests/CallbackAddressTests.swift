import Testing
import WebFetch

@testable import Webhooks

struct CallbackAddressTests {
    private func isTaken(_ address: String, networks: String...) -> Bool {
        let addresses = CallbackAddresses(networks: networks.compactMap { Network($0) })
        return (try? addresses.check(address)) != nil
    }

    @Test(arguments: [
        "https://example.com", "https://example.com:8443/a/b?c=d", "http://93.184.216.34/",
        "http://[2606:4700::1111]/x",
        "HTTPS://EXAMPLE.COM/",
    ])
    func takesWhatIsPublic(address: String) {
        #expect(isTaken(address))
    }

    @Test(arguments: [
        "", "example.com", "//example.com", "ftp://example.com", "file:///etc/passwd", "javascript:alert(1)",
        "http://127.0.0.1/", "http://localhost/", "http://LOCALHOST:80/", "http://a.localhost/", "http://10.1.2.3/",
        "http://192.168.0.1/", "http://169.254.169.254/latest/meta-data", "http://[::1]/", "http://[::ffff:10.0.0.1]/",
        "http://[::ffff:7f00:1]/", "http://[fe80::1]/", "http://[fd00::1]/", "http://0.0.0.0/",
        "http://10.1/", "http://0x0a.1/", "http://2130706433/", "http://0177.0.0.1/", "http://[fe80::1%25eth0]/",
        "http://1.2.3.0x4/",
        "https://u:p@example.com/",
        "https://u@example.com/", "https://example.com/#x", "https://example.com/a b", "https://example.com/\u{e9}",
        "https://example.com:0/", "https://example.com:99999/", "https://",
        "https://example.com/" + String(repeating: "a", count: 2_048),
    ])
    func refusesWhatIsNot(address: String) {
        #expect(!isTaken(address))
    }

    @Test func theOperatorMayAllowMore() {
        #expect(isTaken("http://127.0.0.1:80/", networks: "127.0.0.0/8"))
        #expect(isTaken("http://localhost/", networks: "127.0.0.0/8"))
        #expect(!isTaken("http://10.0.0.1/", networks: "127.0.0.0/8"))
        #expect(isTaken("http://[fd00::1]/", networks: "fd00::/8"))
    }
}
