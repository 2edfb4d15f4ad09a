import Testing

@testable import Mailer

/// Against a real SMTP server.
struct SMTPMailerTests {
    private static let login = "mail%20user:p%40ss%3Aw%2Frd%3F@"

    private func mailer(_ server: SMTPServer, login: String = "", _ parameters: String = "") throws -> SMTPMailer {
        try SMTPMailer(url: "smtp://\(login)localhost:\(server.port)?from=reports@example.com\(parameters)")
    }

    @Test func aMessageArrivesAsItWasWritten() async throws {
        let server = try await SMTPServer()
        let text = "Grüße,\n\n.\n..dots\nFrom here = there \n日本語 " + String(repeating: "lang ", count: 300) + "\nend\n"
        let html = "<p>Grüße &amp; <b>日本語</b></p>\n"
        let message = try MailMessage.sample(
            name: "Sextant \"Zürich\"", to: ["ana@example.com", "bo+x@example.org"],
            subject: "Ihr Export für „Größe“ ist fertig – 日本語 👩‍👩‍👧‍👦 " + String(repeating: "ü", count: 200), text: text,
            html: html)
        try await mailer(server).send(message)
        let received = try #require(try server.received().first)
        #expect(received.defects == [])
        #expect(received.sender == "reports@example.com")
        #expect(received.recipients == ["ana@example.com", "bo+x@example.org"])
        #expect(received.to == received.recipients)
        #expect(received.from == "Sextant \"Zürich\"" && received.fromAddress == "reports@example.com")
        #expect(received.subject == message.subject)
        #expect(received.text == text)
        #expect(received.html == html)
        #expect(received.date == "2025-05-11T07:45:30+00:00")
        #expect(received.messageID == "<export-12@sextant.example.com>")
        #expect(!received.encrypted && received.login == nil)
    }

    @Test(arguments: [
        "plain", String(repeating: "word ", count: 90) + "end", " blanks  at  ends ", "=?UTF-8?B?eA==?=", "\"\\",
        "a: b",
        String(repeating: "x", count: 400), "é",
    ])
    func subjectsAndNamesSurvive(_ text: String) async throws {
        let server = try await SMTPServer()
        let name = String(text.prefix(200))
        try await mailer(server).send(try MailMessage.sample(name: name, subject: text))
        let received = try #require(try server.received().first)
        #expect(received.subject == text)
        #expect(received.from == name)
        #expect(received.defects == [])
    }

    @Test func injectionIsImpossible() async throws {
        let server = try await SMTPServer()
        let body = "a\r\n.\r\nMAIL FROM:<eve@example.com>\r\nRCPT TO:<mallory@example.com>\r\nDATA\r\nBcc: x@y\r\n.\r\n"
        try await mailer(server).send(try MailMessage.sample(text: body))
        let received = try server.received()
        #expect(received.count == 1)
        #expect(received.first?.recipients == ["ana@example.com"])
        #expect(received.first?.text == body.replacing("\r\n", with: "\n"))
        #expect(
            received.first?.headers == [
                "Date", "From", "To", "Subject", "Message-ID", "MIME-Version", "Auto-Submitted", "Content-Type",
                "Content-Transfer-Encoding",
            ])
    }

    @Test func largeMessages() async throws {
        let server = try await SMTPServer()
        let text = (0..<40_000).map { "line \($0) äöü\n" }.joined()
        try await mailer(server).send(try MailMessage.sample(text: text))
        #expect(try server.received().first?.text == text)
    }

    @Test func severalAtOnce() async throws {
        let server = try await SMTPServer()
        let mailer = try mailer(server)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<12 {
                group.addTask { try await mailer.send(try MailMessage.sample(subject: "number \(index)")) }
            }
            try await group.waitForAll()
        }
        #expect(Set(try server.received().map(\.subject)) == Set((0..<12).map { "number \($0)" }))
    }

    @Test func login() async throws {
        let server = try await SMTPServer(.init(login: true))
        try await mailer(server, login: Self.login, "&starttls=none").send(try MailMessage.sample())
        #expect(try server.received().first?.login == SMTPServer.user)
    }

    @Test func wrongPassword() async throws {
        let server = try await SMTPServer(.init(login: true))
        let error = await #expect(throws: MailError.self) {
            try await mailer(server, login: "mail%20user:wrong@", "&starttls=none").send(try MailMessage.sample())
        }
        guard case .loginRefused(535, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.isPermanent == false)
    }

    @Test func missingLogin() async throws {
        let server = try await SMTPServer(.init(login: true))
        let error = await #expect(throws: MailError.self) {
            try await mailer(server).send(try MailMessage.sample())
        }
        guard case .rejected(530, let reply) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reply.contains("Authentication required") && error?.isPermanent == false)
    }

    @Test func startTLS() async throws {
        let server = try await SMTPServer(.init(login: true, startTLS: true))
        try await mailer(server, login: Self.login, "&ca=\(server.certificate)").send(try MailMessage.sample())
        let received = try #require(try server.received().first)
        #expect(received.encrypted && received.login == SMTPServer.user)
    }

    @Test func implicitTLS() async throws {
        let server = try await SMTPServer(.init(implicitTLS: true))
        let mailer = try SMTPMailer(
            url: "smtps://localhost:\(server.port)?from=reports@example.com&ca=\(server.certificate)")
        try await mailer.send(try MailMessage.sample())
        #expect(try server.received().first?.encrypted == true)
    }

    @Test func anUntrustedCertificateIsRefused() async throws {
        let server = try await SMTPServer(.init(startTLS: true))
        for parameters in ["&starttls=required", "&starttls=auto"] {
            let error = await #expect(throws: MailError.self) {
                try await mailer(server, parameters).send(try MailMessage.sample())
            }
            guard case .insecure = error, error?.isPermanent == false else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
        #expect(try server.received().isEmpty)
    }

    /// Neither the message nor the password goes out in clear when encryption was asked for.
    @Test func aServerWithoutTLSGetsNothingWhenItIsRequired() async throws {
        let server = try await SMTPServer(.init(login: true))
        let error = await #expect(throws: MailError.self) {
            try await mailer(server, login: Self.login).send(try MailMessage.sample())
        }
        guard case .insecure = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try server.received().isEmpty)
    }

    @Test func refusedRecipients() async throws {
        let server = try await SMTPServer(
            .init(refusedRecipients: [
                "gone@example.com": "550 no such user here", "full@example.com": "452 mailbox full",
            ]))
        let mailer = try mailer(server)
        await #expect(throws: MailError.rejected(code: 550, reply: "550 no such user here")) {
            try await mailer.send(try MailMessage.sample(to: ["ana@example.com", "gone@example.com"]))
        }
        let error = await #expect(throws: MailError.deferred(code: 452, reply: "452 mailbox full")) {
            try await mailer.send(try MailMessage.sample(to: ["full@example.com"]))
        }
        #expect(error?.isPermanent == false)
        #expect(try server.received().isEmpty)
    }

    @Test(arguments: [("554 looks like spam", true), ("451 try again later", false)])
    func refusedContent(_ refusal: String, isPermanent: Bool) async throws {
        let server = try await SMTPServer(.init(refusal: refusal))
        let error = await #expect(throws: MailError.self) {
            try await mailer(server).send(try MailMessage.sample())
        }
        #expect(error?.isPermanent == isPermanent)
        #expect(error?.description.contains(refusal) == true)
    }

    @Test func serverDown() async throws {
        let server = try await SMTPServer()
        let mailer = try mailer(server)
        server.stop()
        let error = await #expect(throws: MailError.self) { try await mailer.send(try MailMessage.sample()) }
        guard case .unreachable("localhost:\(server.port)", _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.isPermanent == false)
    }

    @Test func aSilentServerTimesOut() async throws {
        let server = try await SMTPServer(.init(delay: 20))
        var configuration = try mailer(server).configuration
        configuration.responseTimeoutSeconds = 1
        configuration.totalTimeoutSeconds = 2
        // The server would answer in the end: only giving up in time makes this an error.
        let error = await #expect(throws: MailError.self) {
            try await SMTPMailer(configuration).send(try MailMessage.sample())
        }
        #expect(error?.isPermanent == false)
    }
}
