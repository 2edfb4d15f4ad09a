import CCurl
import NIOPosix

/// Sends mail to an SMTP server through libcurl, a connection for each message.
public struct SMTPMailer: Mailer {
    /// The server and how to speak to it.
    public let configuration: SMTPConfiguration

    /// Threads of its own, so that a slow mail server never keeps disk work waiting. They live as long as the process.
    private static let threads: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 4)
        pool.start()
        return pool
    }()

    /// Connects only when a message is sent.
    public init(_ configuration: SMTPConfiguration) {
        self.configuration = configuration
    }

    /// - Parameter url: see ``SMTPConfiguration``.
    /// - Throws: ``MailError/invalidConfiguration(field:reason:)``.
    public init(url: String) throws(MailError) {
        self.init(try SMTPConfiguration(address: url))
    }

    public var sender: Mailbox { configuration.sender }

    public func send(_ message: MailMessage) async throws(MailError) {
        let content = message.rendered()
        let failure: MailError?
        do {
            failure = try await Self.threads.runIfActive { [configuration] in
                Self.transfer(
                    content, from: message.from.address, to: message.to, configuration)
            }
        } catch {
            throw .cancelled
        }
        if let failure { throw failure }
    }

    /// Nil when the server took the message. Blocks.
    private static func transfer(
        _ content: [UInt8], from sender: EmailAddress, to recipients: [EmailAddress], _ configuration: SMTPConfiguration
    ) -> MailError? {
        let scheme = configuration.encryption == .implicit ? "smtps" : "smtp"
        let url = "\(scheme)://\(configuration.server)" + (configuration.clientName.map { "/\($0)" } ?? "")
        let texts = [
            url, configuration.user, configuration.password, configuration.certificateAuthorities, sender.text,
        ]
        var result = ccurl_mail_result()
        withCStrings(texts) { texts in
            withCStrings(recipients.map(\.text)) { recipients in
                content.withUnsafeBytes { content in
                    var mail = ccurl_mail()
                    (mail.url, mail.user, mail.password) = (texts[0], texts[1], texts[2])
                    (mail.certificate_authorities, mail.sender) = (texts[3], texts[4])
                    mail.tls =
                        switch configuration.encryption {
                        case .implicit, .none: ccurl_tls_none
                        case .auto: ccurl_tls_when_offered
                        case .required: ccurl_tls_required
                        }
                    mail.recipients = recipients.baseAddress
                    mail.recipient_count = recipients.count
                    mail.message = content.baseAddress
                    mail.message_length = content.count
                    mail.connect_timeout = configuration.connectTimeoutSeconds
                    mail.response_timeout = configuration.responseTimeoutSeconds
                    mail.total_timeout = configuration.totalTimeoutSeconds
                    ccurl_send_mail(&mail, &result)
                }
            }
        }
        return MailError(result, server: configuration.server)
    }
}

extension MailError {
    /// Nil for success. A reply of the server decides over what libcurl makes of it.
    fileprivate init?(_ result: ccurl_mail_result, server: String) {
        guard result.code != 0 else { return nil }
        let code = Int(result.reply_code)
        let reply = withUnsafeBytes(of: result.reply) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let reason = withUnsafeBytes(of: result.error) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let kind = ccurl_failure_kind(result.code)
        switch (code, kind) {
        case (400..<500, _): self = .deferred(code: code, reply: reply)
        case (_, ccurl_failure_tls): self = .insecure(server: server, reason: reason)
        case (_, ccurl_failure_configuration): self = .invalidConfiguration(field: "SMTP address", reason: reason)
        case (500..<600, ccurl_failure_login): self = .loginRefused(code: code, reply: reply)
        case (500..<600, _): self = .rejected(code: code, reply: reply)
        case (_, ccurl_failure_login): self = .loginRefused(code: code, reply: reason)
        default: self = .unreachable(server: server, reason: reason)
        }
    }
}

/// Calls `body` with `texts` as C strings, nil for nil, that live until it returns.
private func withCStrings<Result>(
    _ texts: [String?], _ body: (UnsafeBufferPointer<UnsafePointer<CChar>?>) -> Result
) -> Result {
    var storage: [CChar] = []
    var offsets: [Int?] = []
    for text in texts {
        offsets.append(text == nil ? nil : storage.count)
        if let text { storage += text.utf8CString }
    }
    return storage.withUnsafeBufferPointer { bytes in
        let pointers = offsets.map { offset in
            offset.flatMap { offset in bytes.baseAddress.map { UnsafePointer($0 + offset) } }
        }
        return pointers.withUnsafeBufferPointer(body)
    }
}
