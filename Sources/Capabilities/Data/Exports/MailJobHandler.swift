import JSON
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

    public func run(_ context: JobContext) async throws {
        let payload = context.job.payload
        guard let to = payload["to"]?.string, let subject = payload["subject"]?.string,
            let text = payload["text"]?.string
        else { throw PermanentJobFailure.damagedDescription }
        do {
            try await send(subject: subject, text: text, to: to, jobID: context.job.id)
        } catch {
            if error.isPermanent { throw PermanentJobFailure("\(error)") }
            throw error
        }
    }

    private func send(subject: String, text: String, to address: String, jobID: String) async throws(MailError) {
        let recipient = try EmailAddress(address)
        let message = try MailMessage(
            from: mailer.sender, to: [recipient], subject: subject, textBody: text, date: clock.now,
            messageID: "\(jobID)@sextant.invalid")
        try await mailer.send(message)
    }
}
