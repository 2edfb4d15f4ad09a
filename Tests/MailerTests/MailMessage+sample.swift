import Foundation
import Mailer
import Time

extension MailMessage {
    /// A message in which everything but what a test is about is plain.
    static func sample(
        name: String? = nil, to: [String] = ["ana@example.com"], subject: String = "Your export is ready",
        text: String = "Hello,\n\nit is ready.\n", html: String? = nil,
        messageID: String = "export-12@sextant.example.com"
    ) throws -> MailMessage {
        try MailMessage(
            from: try Mailbox(name: name, address: try EmailAddress("reports@example.com")),
            to: try to.map { try EmailAddress($0) }, subject: subject, textBody: text, htmlBody: html,
            date: Timestamp(microseconds: 1_746_949_530_000_000), messageID: messageID)
    }

    /// What is sent, line by line.
    var lines: [String] { String(decoding: rendered(), as: UTF8.self).components(separatedBy: "\r\n") }
}
