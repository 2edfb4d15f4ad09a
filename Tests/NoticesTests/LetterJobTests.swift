import ControlStore
import Cryptography
import JSON
import Mailer
import StoreTestSupport
import Synchronization
import TestSupport
import Testing
import Time

@testable import Jobs
@testable import Notices

@Suite struct LetterJobTests {
    /// Takes messages, or refuses them.
    private final class FakeMailer: Mailer {
        let sender: Mailbox
        private let sent = Mutex<[MailMessage]>([])
        private let failure: MailError?

        init(failing failure: MailError? = nil) throws {
            sender = try Mailbox(name: "Sextant", address: EmailAddress("sextant@mail.example.com"))
            self.failure = failure
        }

        var messages: [MailMessage] { sent.withLock { $0 } }

        func send(_ message: MailMessage) async throws(MailError) {
            if let failure { throw failure }
            sent.withLock { $0.append(message) }
        }
    }

    private static let key = SecretKey([UInt8](repeating: 3, count: 32))

    private let temporary: TemporaryStore
    private let hand = HandClock()
    private let jobs: JobStore
    private let box: LetterBox

    init() throws {
        temporary = try TemporaryStore()
        jobs = JobStore(store: temporary.store, clock: hand.clock)
        box = LetterBox(jobs: jobs, key: Self.key, publicURL: "https://sextant.example.com")
    }

    private func sendReset(to address: String = "ana@example.com") async throws {
        let letters = LoginLetters(box, clock: hand.clock)
        try await temporary.store.write { try letters.sendReset(code: "the code", to: address, in: $0) }
    }

    /// - Returns: what the handler threw.
    private func run(_ mailer: any Mailer, kind: String = LetterJob.kind, key: SecretKey = key) async throws -> (
        any Error
    )? {
        let (job, lease) = try #require(try await jobs.claim(kind: kind, leaseSeconds: 60))
        defer { hand.advance(seconds: 1) }
        do {
            try await LetterJob(mailer: mailer, key: key, clock: hand.clock)
                .run(JobContext(job: job, lease: lease, jobs: jobs))
            try await jobs.complete(lease, result: nil, forgettingPayload: true)
            return nil
        } catch let failure as PermanentJobFailure {
            try await jobs.fail(lease, error: failure.reason)
            return failure
        } catch {
            try await jobs.release(lease)
            return error
        }
    }

    @Test func aLetterHasTwoParts() async throws {
        try await sendReset()
        let waiting = try #require(try await jobs.unfinished(kind: LetterJob.kind).first)
        #expect(!waiting.payload.encodedString.contains("code") && !waiting.payload.encodedString.contains("ana@"))
        let mailer = try FakeMailer()
        #expect(try await run(mailer) == nil)
        let message = try #require(mailer.messages.first)
        #expect(message.to.map(\.text) == ["ana@example.com"] && message.messageID == "\(waiting.id)@mail.example.com")
        #expect(message.textBody.contains("\n  the code\n") && message.htmlBody?.contains(">the code</p>") == true)
    }

    /// What the operator can mend does not lose the letter; what is wrong with the letter itself does.
    @Test(arguments: [
        (MailError.loginRefused(code: 535, reply: "no"), false),
        (.insecure(server: "mail", reason: "not trusted"), false),
        (.unreachable(server: "mail", reason: "refused"), false), (.deferred(code: 451, reply: "later"), false),
        (.rejected(code: 530, reply: "Authentication required"), false),
        (.invalidConfiguration(field: "SMTP address", reason: "no such file"), false),
        (.rejected(code: 550, reply: "no such user"), true),
    ])
    func failures(_ failure: MailError, endsIt: Bool) async throws {
        try await sendReset()
        let error = try await run(FakeMailer(failing: failure))
        #expect((error is PermanentJobFailure) == endsIt)
        if !endsIt { #expect(error as? MailError == failure) }
    }

    @Test func addressesThatNoMailCanGoToEndIt() async throws {
        for address in ["", "a", "a@b\r\nBcc: x@example.com", "ä@example.com", "a b@example.com"] {
            try await sendReset(to: address)
            let mailer = try FakeMailer()
            #expect(try await run(mailer) is PermanentJobFailure)
            #expect(mailer.messages.isEmpty)
        }
    }

    @Test func whatIsGoodNoMoreIsNotSent() async throws {
        try await sendReset()
        hand.advance(seconds: 600)
        let mailer = try FakeMailer()
        #expect(try await run(mailer) is PermanentJobFailure && mailer.messages.isEmpty)
    }

    @Test func anotherKeyOpensNothing() async throws {
        try await sendReset()
        #expect(try await run(FakeMailer(), key: SecretKey([UInt8](repeating: 4, count: 32))) is SealingError)
    }

    /// Versions before stored letters without codes as they are.
    @Test func lettersOfVersionsBeforeAreSent() async throws {
        struct Old: JobPayload {
            let json: JSONValue = ["to": "ana@example.com", "subject": "Your export is ready", "text": "Here."]
            init() {}
            init?(_ job: Job) { nil }
        }
        try await jobs.enqueue(NewJob(kind: LetterJob.noticeKind, environmentID: 1, payload: Old()))
        let mailer = try FakeMailer()
        #expect(try await run(mailer, kind: LetterJob.noticeKind) == nil)
        #expect(mailer.messages.map(\.textBody) == ["Here."] && mailer.messages.first?.htmlBody == nil)
    }

    @Test func aMailServerMayBeDownForDays() {
        let seconds = (1..<LetterJob.retry.maximumFailures).reduce(Int64(0)) {
            $0 + LetterJob.retry.delaySeconds(afterFailure: $1)
        }
        #expect(seconds > 2 * 86_000)
    }
}
