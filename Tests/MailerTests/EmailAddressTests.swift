import Mailer
import Testing

struct EmailAddressTests {
    @Test(arguments: [
        "a@b", "ana@example.com", "ana.maria+exports@mail.example.co.uk", "o'neil_%{}~@x-y.example",
        "sextant@localhost",
        "1@2.3", "a@xn--mnchen-3ya.example", String(repeating: "a", count: 64) + "@example.com",
    ])
    func accepts(_ text: String) throws {
        let address = try EmailAddress(text)
        #expect(address.text == text)
        #expect(text.hasSuffix("@\(address.domain)"))
    }

    @Test(arguments: [
        "", "@", "a", "a@", "@b", "a@b@c", "a b@c", "a@b c", " a@b", "a@b ", "a@b\r\nBcc: x@y", "a@b\n", "a\0@b",
        "a@b\0",
        "<a@b>", "Ana <a@b>", "a@b,c@d", "a@b;c@d", "\"a b\"@c", "a..b@c", ".a@b", "a.@b", "a@b..c", "a@.b", "a@b.",
        "a@-b",
        "a@b-", "a@[127.0.0.1]", "a@b_c", "ä@b", "a@münchen.example", "a@b(comment)", "a:b@c", "a\\b@c", "a\t@b",
        "a@b\u{7F}",
        String(repeating: "a", count: 65) + "@example.com", "a@" + String(repeating: "b", count: 64),
        "a@" + Array(repeating: "abcdefghi", count: 26).joined(separator: "."),
    ])
    func refuses(_ text: String) {
        let error = #expect(throws: MailError.self) { try EmailAddress(text) }
        #expect(error?.isPermanent == true)
        #expect(error?.description.unicodeScalars.contains { $0.value < 0x20 } == false)
    }
}
