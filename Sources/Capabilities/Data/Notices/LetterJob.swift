public import Cryptography
public import Jobs
public import Mailer
public import Time

/// Sends one letter. Until it is sent it is stored sealed, since it may hold a code or a link that opens files; then it is forgotten.
public struct LetterJob: JobHandler {
    /// Of letters that people wait for, such as those with codes.
    public static let kind = "letter"
    /// Of letters that nobody waits for.
    public static let noticeKind = "mail"
    /// Some two days: a mail server that is down, or that does not take the login, loses no letter until somebody has seen to it.
    public static let retry = JobRetryPolicy(maximumFailures: 200, firstDelaySeconds: 5, longestDelaySeconds: 900)

    private let mailer: any Mailer
    private let key: SecretKey
    private let clock: WallClock

    /// - Parameter key: the one of ``LetterBox``.
    public init(mailer: any Mailer, key: SecretKey, clock: WallClock) {
        self.mailer = mailer
        self.key = key
        self.clock = clock
    }

    public func run(_ order: LetterOrder, _ context: JobContext) async throws {
        guard let addressed = try order.letter(key) else { throw PermanentJobFailure("the letter cannot be read") }
        // A code that has expired on the way is of no use to anybody.
        if let end = addressed.expiresAt, end <= clock.now { throw PermanentJobFailure("it took too long to send it") }
        do throws(MailError) {
            try await mailer.send(message(addressed, jobID: context.job.id))
        } catch {
            if error.isPermanent { throw PermanentJobFailure("\(error)") }
            throw error
        }
    }

    private func message(_ addressed: AddressedLetter, jobID: String) throws(MailError) -> MailMessage {
        try MailMessage(
            from: mailer.sender, to: [EmailAddress(addressed.to)], subject: addressed.letter.subject,
            textBody: addressed.letter.text, htmlBody: addressed.letter.html, date: clock.now,
            messageID: "\(jobID)@\(mailer.sender.address.domain)")
    }
}
