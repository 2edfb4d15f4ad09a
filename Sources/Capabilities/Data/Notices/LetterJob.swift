public import Cryptography
public import JSON
public import Jobs
public import Mailer
import Text
public import Time

/// Sends one message that holds a secret, such as a code: until it is sent it is stored sealed, and then forgotten.
public struct LetterJob: JobHandler {
    public static let kind = "letter"

    private let mailer: any Mailer
    private let key: SecretKey
    private let clock: WallClock

    public init(mailer: any Mailer, key: SecretKey, clock: WallClock) {
        self.mailer = mailer
        self.key = key
        self.clock = clock
    }

    public func run(_ order: LetterOrder, _ context: JobContext) async throws {
        guard let letter = try Letter(sealed: order.sealed, key) else {
            throw PermanentJobFailure("the letter cannot be read")
        }
        // A code that has expired on the way is of no use to anybody.
        if let end = letter.expiresAt, end <= clock.now { throw PermanentJobFailure("it took too long to send it") }
        do throws(MailError) {
            try await mailer.send(
                MailMessage(
                    from: mailer.sender, to: [EmailAddress(letter.to)], subject: letter.subject, textBody: letter.text,
                    htmlBody: letter.html, date: clock.now, messageID: "\(context.job.id)@sextant.invalid"))
        } catch {
            if error.isPermanent { throw PermanentJobFailure("\(error)") }
            throw error
        }
    }
}

/// A letter to be sent.
public struct LetterOrder: JobPayload {
    /// What only the key opens.
    let sealed: [UInt8]

    init(_ letter: Letter, _ key: SecretKey) throws {
        sealed = try SealedBox(sealing: letter.json.encoded(), context: Array(Letter.context.utf8), key: key).bytes
    }

    public init?(_ job: Job) {
        guard let sealed = job.payload["sealed"]?.string.flatMap({ Hexadecimal.decode($0) }) else { return nil }
        self.sealed = sealed
    }

    public var json: JSONValue { ["sealed": .string(Hexadecimal.encode(sealed))] }
}
