import Foundation
import Testing
import Time

@testable import Mailer

struct MailMessageTests {
    @Test func rendersPlainMessages() throws {
        let message = try MailMessage.sample(
            name: "Sextant", to: ["ana@example.com", "bo@example.com"], text: "Hello,\nit is ready: a=b \n.\n")
        #expect(
            message.lines == [
                "Date: Sun, 11 May 2025 07:45:30 +0000", "From: \"Sextant\"", " <reports@example.com>",
                "To: ana@example.com,", " bo@example.com", "Subject: Your export is ready",
                "Message-ID: <export-12@sextant.example.com>", "MIME-Version: 1.0", "Auto-Submitted: auto-generated",
                "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "", "Hello,",
                "it is ready: a=3Db=20", ".", "",
            ])
    }

    @Test func dates() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", "Thu, 1 Jan 1970 00:00:00 +0000"),
            ("2024-02-29T23:59:59.999Z", "Thu, 29 Feb 2024 23:59:59 +0000"),
            ("1969-12-31T12:00:00Z", "Wed, 31 Dec 1969 12:00:00 +0000"),
        ] {
            #expect(Timestamp(text)?.mailDate == expected)
        }
    }

    /// Whatever the text, the lines that go out are short, ASCII, and end as they must.
    @Test(arguments: [
        "", "a", String(repeating: "x", count: 499), String(repeating: "word ", count: 99), "Grüße aus Zürich",
        " a  b ",
        "=?UTF-8?B?eA==?=", String(repeating: "日本語", count: 160), String(repeating: "👩‍👩‍👧‍👦", count: 60), "\u{1F600}",
        "a=b?c_d", "tab", "\"quoted\" \\ back",
    ])
    func linesAreShortASCII(_ text: String) throws {
        let name = String(text.prefix(200).unicodeScalars.prefix(200))
        let message = try MailMessage.sample(name: name, subject: text, text: text + "\n" + text, html: text)
        let bytes = message.rendered()
        #expect(bytes.allSatisfy { (0x20...0x7E).contains($0) || $0 == 13 || $0 == 10 })
        for line in message.lines {
            #expect(line.utf8.count <= 78)
            #expect(!line.contains("\r") && !line.contains("\n"))
        }
        let head = message.lines.prefix { !$0.isEmpty }
        #expect(head.allSatisfy { $0.contains(":") || $0.hasPrefix(" ") })
        #expect(!head.contains { $0.allSatisfy { $0 == " " } })
    }

    @Test(arguments: [
        "a\r\nBcc: eve@example.com", "a\nb", "a\rb", "a\0b", "a\u{85}b", "a\u{2028}b", "a\u{1B}[31m", "tab\tstop",
        "\u{7F}",
    ])
    func controlCharactersAreRefusedInHeaders(_ text: String) {
        #expect(throws: MailError.self) { try MailMessage.sample(subject: text) }
        #expect(throws: MailError.self) { try MailMessage.sample(name: text) }
        #expect(throws: MailError.self) { try MailMessage.sample(messageID: "\(text)@example.com") }
        #expect(throws: MailError.self) { try MailMessage.sample(messageID: "a@\(text)") }
        #expect(throws: MailError.self) { try MailMessage.sample(to: [text]) }
    }

    @Test func limits() throws {
        #expect(throws: MailError.self) { try MailMessage.sample(to: []) }
        #expect(throws: MailError.self) { try MailMessage.sample(to: Array(repeating: "a@b", count: 101)) }
        _ = try MailMessage.sample(to: Array(repeating: "a@b", count: 100))
        #expect(throws: MailError.self) { try MailMessage.sample(subject: String(repeating: "x", count: 501)) }
        // One character may be a base letter under any number of marks.
        #expect(throws: MailError.self) {
            try MailMessage.sample(subject: "e" + String(repeating: "\u{301}", count: 5_000))
        }
        for messageID in [
            "", "a", "@", "a@", "<a@b>", "a@b@c", "a b@c", "a@b>", String(repeating: "a", count: 250) + "@b",
        ] {
            #expect(throws: MailError.self) { try MailMessage.sample(messageID: messageID) }
        }
    }

    @Test func quotedPrintable() {
        #expect(QuotedPrintable.encode("") == "")
        #expect(QuotedPrintable.encode("a\nb\r\nc\rd\n\r\n") == "a\r\nb\r\nc\r\nd\r\n\r\n")
        #expect(QuotedPrintable.encode("é=\u{0}") == "=C3=A9=3D=00")
        #expect(QuotedPrintable.encode("a \nb\t\n c ") == "a=20\r\nb=09\r\n c=20")
        let line = String(repeating: "x", count: 76)
        #expect(QuotedPrintable.encode(line) == line)
        #expect(QuotedPrintable.encode(line + "x") == String(repeating: "x", count: 75) + "=\r\nxx")
    }
}
