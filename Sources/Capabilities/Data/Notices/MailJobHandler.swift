public import JSON
public import Jobs
public import Mailer
public import Time

/// Sends one message; the job engine tries again while the mail server is out of reach.
public struct MailJobHandler: JobHandler {
    public static let kind = "mail"

    private let mailer: any Mailer
    private let clock: WallClock

    public init(mailer: any Mailer, clock: WallClock) {
        self.mailer = mailer
        self.clock = clock
    }

    public func run(_ order: MailOrder, _ context: JobContext) async throws {
        do {
            try await send(order, jobID: context.job.id)
        } catch {
            if error.isPermanent { throw PermanentJobFailure("\(error)") }
            throw error
        }
    }

    private func send(_ order: MailOrder, jobID: String) async throws(MailError) {
        let recipient = try EmailAddress(order.to)
        let message = try MailMessage(
            from: mailer.sender, to: [recipient], subject: order.subject, textBody: order.text, date: clock.now,
            messageID: "\(jobID)@sextant.invalid")
        try await mailer.send(message)
    }
}

/// A message to be sent.
public struct MailOrder: JobPayload {
    /// The address of the one who gets it.
    public let to: String
    public let subject: String
    public let text: String

    public init(to: String, subject: String, text: String) {
        self.to = to
        self.subject = subject
        self.text = text
    }

    public var json: JSONValue { ["to": .string(to), "subject": .string(subject), "text": .string(text)] }
}

extension MailOrder {
    public init?(_ job: Job) {
        let stored = job.payload
        guard let to = stored["to"]?.string, let subject = stored["subject"]?.string, let text = stored["text"]?.string
        else { return nil }
        self.init(to: to, subject: subject, text: text)
    }
}
