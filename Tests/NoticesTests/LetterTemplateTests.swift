import Testing

@testable import Notices

@Suite struct LetterTemplateTests {
    /// What people may be called, and what becomes of it in HTML.
    static let hostile = [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("{{code}}{{{hash}}}{{#files}}{{/files}}{{>html}}", "{{code}}{{{hash}}}{{#files}}{{/files}}{{&gt;html}}"),
        // One character to the eye, and to Swift.
        ("<\u{301}b>&\u{301}", "&lt;\u{301}b&gt;&amp;\u{301}"),
        ("\" onload='x' &amp;", "&quot; onload=&#39;x&#39; &amp;amp;"),
        ("e\u{301} \u{E9} \u{212B}", "e\u{301} \u{E9} \u{212B}"),
        ("\u{1F600}\u{1F468}\u{200D}\u{1F469}", "\u{1F600}\u{1F468}\u{200D}\u{1F469}"),
        (String(repeating: "long ", count: 2_000), String(repeating: "long ", count: 2_000)),
    ]

    @Test(arguments: hostile) func everyLetterShowsWhatItIsGiven(_ text: String, _ escaped: String) throws {
        for content in Samples.all(text) {
            let letter = try content.letter()
            let html = try #require(letter.html)
            #expect(has(letter.text, text) && has(html, escaped), "\(type(of: content))")
            #expect(!letter.subject.isEmpty && !letter.subject.contains("{{"))
            let plain = try type(of: content).template.render(content)
            #expect(plain == letter)
        }
    }

    /// Nothing but what is given is not in the letter as it was written: no template runs over a name.
    @Test func lettersOfPlainTextHoldNoMarks() throws {
        for content in Samples.all("plain") {
            let letter = try content.letter()
            for text in [letter.subject, letter.text, letter.html ?? ""] {
                #expect(!text.contains("{") && !text.contains("}") && !text.contains("Optional"), "\(text)")
            }
            #expect(letter.text.hasSuffix("\n-- \nSent by Sextant at plain\n"))
            let html = letter.html ?? ""
            #expect(html.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">"))
            #expect(html.contains("<title>\(letter.subject)</title>"))
            #expect(!html.contains("http:") && !html.contains("<img") && !html.contains("<script"))
        }
    }

    @Test func linesStayLines() {
        let broken = "Ann\r\nBcc: a\u{2028}b\u{2029}c\u{85}d\0e\tf"
        #expect(LetterLine(broken).description == "Ann  Bcc: a b c d e f")
        #expect(LetterLine("\u{202E}Ann\u{2066}").description == " Ann ")
        let spellings = ["e\u{301}", "\u{E9}"].map { Array(LetterLine($0).description.utf8) }
        #expect(spellings == [Array("e\u{301}".utf8), Array("\u{E9}".utf8)])
    }

    @Test func whatIsMissingIsLeftOut() throws {
        let line = LetterLine("x")
        let letter = try InvitationLetter(inviter: line, account: line, message: nil, hash: line, server: line).letter()
        #expect(!letter.text.contains("says") && letter.html?.contains("says") == false)
        #expect(
            letter.text == """
                x asks you to work in the account "x" at x.

                What accepts the invitation is good for seven days, and once:

                  x

                If you do not know who asks, there is nothing to do.

                --\u{20}
                Sent by Sextant at x

                """)
        let addon = AddonRequestLetter(
            addon: "a", accountID: 4, account: "b", author: "c", collaborator: nil, email: nil, server: "s")
        let wish = try addon.letter()
        #expect(wish.subject == "Sextant: account 4 asks for an add-on")
        #expect(wish.text.hasPrefix("Somebody asks for an add-on.\n\nAdd-on:  a\nAccount: 4, b\nBy:      c\n\n-- \n"))
    }

    @Test func aTemplateThatIsNoneIsAnError() {
        for source in ["{{name", "{{#a}}{{/b}}", "{{#a}}", "{{^a}}", "{{= =}}", "{{%WHAT:ever}}"] {
            let template = LetterTemplate(subject: "s", text: source, html: "h")
            #expect(throws: LetterError.self, "\(source)") { try template.render(Samples.all("x")[0]) }
        }
    }

    private func has(_ whole: String, _ piece: String) -> Bool {
        // By bytes: canonically equal spellings are two names.
        let (whole, piece) = (Array(whole.utf8), Array(piece.utf8))
        return whole.indices.contains { whole[$0...].starts(with: piece) }
    }
}
