import Testing

@testable import Mailer

struct SMTPConfigurationTests {
    @Test func readsEverything() throws {
        let configuration = try SMTPConfiguration(
            address: "smtp://mail%20user:p%40ss%3Aw%2Frd%3F@mail.example.com:2525?from=a%2Bb@example.com"
                + "&from_name=Sextant%20%C3%BC&starttls=auto&ca=/etc/ca.pem&helo=client.example.com")
        #expect(configuration.server == "mail.example.com:2525")
        #expect(configuration.user == "mail user" && configuration.password == "p@ss:w/rd?")
        #expect(configuration.sender == (try Mailbox(name: "Sextant ü", address: try EmailAddress("a+b@example.com"))))
        #expect(configuration.encryption == .auto)
        #expect(configuration.certificateAuthorities == "/etc/ca.pem")
        #expect(configuration.clientName == "client.example.com")
    }

    @Test func defaults() throws {
        let open = try SMTPConfiguration(address: "smtp://localhost?from=a@b")
        #expect(open.server == "localhost:587" && open.encryption == .auto && open.user == nil)
        #expect(try SMTPConfiguration(address: "smtp://u:p@localhost?from=a@b").encryption == .required)
        let implicit = try SMTPConfiguration(address: "smtps://localhost/?from=a@b")
        #expect(implicit.server == "localhost:465" && implicit.encryption == .implicit)
        #expect(try SMTPConfiguration(address: "smtp://[::1]:25?from=a@b").server == "[::1]:25")
    }

    @Test(arguments: [
        "", "localhost", "http://localhost?from=a@b", "smtp://?from=a@b", "smtp://localhost", "smtp://localhost?from=",
        "smtp://localhost?from=nobody", "smtp://localhost?from=a@b&from=c@d", "smtp://localhost?from=a@b&nosuch=1",
        "smtp://localhost?from=a@b&starttls=maybe", "smtps://localhost?from=a@b&starttls=none",
        "smtp://u@localhost?from=a@b",
        "smtp://localhost/path?from=a@b", "smtp://localhost?from=a@b#x", "smtp://u:p%0D%0Ax@localhost?from=a@b",
        "smtp://localhost?from=a@b&helo=a%0D%0Ab", "smtp://localhost?from=a@b&helo=",
        "smtp://localhost?from=a@b&from_name=%0A",
        "smtp://localhost?from=a@b%0D%0ADATA", "smtp://localhost?from=a@b&ca=", "smtp://a b?from=a@b",
        "smtp://u:s3cret@localhost",
    ])
    func refuses(_ address: String) {
        let error = #expect(throws: MailError.self) { try SMTPConfiguration(address: address) }
        guard case .invalidConfiguration = error else {
            Issue.record("\(String(describing: error)) should name the setting")
            return
        }
        #expect(error?.description.contains("s3cret") == false)
    }

    @Test func thePasswordDoesNotShow() throws {
        let mailer = try SMTPMailer(url: "smtp://u:s3cret@localhost?from=a@b")
        var dumped = ""
        dump(mailer, to: &dumped)
        #expect(!dumped.contains("s3cret") && !"\(mailer)".contains("s3cret"))
        #expect(!String(reflecting: mailer).contains("s3cret"))
    }
}
