public import Time

/// A message ready to be sent. Whatever could break out of its header field is refused when it is made.
public struct MailMessage: Sendable, Hashable {
    /// The most recipients that every mail server must take (RFC 5321, section 4.5.3.1.8).
    public static let maximumRecipients = 100

    /// The author, and where refusals go.
    public let from: Mailbox
    /// 1 to 100, all visible to each other.
    public let to: [EmailAddress]
    /// One line.
    public let subject: String
    /// Plain text with any line ends.
    public let textBody: String
    /// The same content for readers that show HTML.
    public let htmlBody: String?
    /// When it was written.
    public let date: Timestamp
    /// Without angle brackets. The same for every attempt to send the same message.
    public let messageID: String

    /// - Parameters:
    ///   - to: 1 to 100 recipients.
    ///   - subject: one line of at most 500 characters.
    ///   - messageID: unique for all time, of the form `unique@domain`.
    /// - Throws: ``MailError/invalidMessage(field:reason:)``.
    public init(
        from: Mailbox, to: [EmailAddress], subject: String, textBody: String, htmlBody: String? = nil, date: Timestamp,
        messageID: String
    ) throws(MailError) {
        guard (1...Self.maximumRecipients).contains(to.count) else {
            throw .invalidMessage(
                field: "recipients", reason: "there are \(to.count); send to 1 to \(Self.maximumRecipients)")
        }
        try HeaderText.check(subject, field: "subject", limit: 500)
        let parts = messageID.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, messageID.utf8.count <= 250, EmailAddress.isDotAtom(parts[0]),
            EmailAddress.isDotAtom(parts[1])
        else {
            throw .invalidMessage(field: "message id", reason: "it is not of the form unique@domain")
        }
        self.from = from
        self.to = to
        self.subject = subject
        self.textBody = textBody
        self.htmlBody = htmlBody
        self.date = date
        self.messageID = messageID
    }
}
