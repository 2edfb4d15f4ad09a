import JSON
import Jobs
import Mailer
import Notices
import Synchronization
import TestSupport
import Testing
import Time

@testable import Exports

@Suite struct ExportMailTests {
    private static let request = ExportRequest(
        from: .day("2025-03-01"), to: .day("2025-05-31"), emails: ["a@example.com", "b@example.com"])

    /// Takes messages, or refuses them.
    private final class FakeMailer: Mailer {
        let sender: Mailbox
        private let sent = Mutex<[MailMessage]>([])
        private let failure: MailError?

        init(failing failure: MailError? = nil) throws {
            sender = try Mailbox(name: "Sextant", address: EmailAddress("sextant@example.com"))
            self.failure = failure
        }

        var messages: [MailMessage] { sent.withLock { $0 } }

        func send(_ message: MailMessage) async throws(MailError) {
            if let failure { throw failure }
            sent.withLock { $0.append(message) }
        }
    }

    @Test func everyAddressIsToldWhenTheExportIsReady() async throws {
        let rig = try ExportRig(SampleEvent.varied)
        let export = try await rig.finish(Self.request)
        let mailer = try FakeMailer()
        let handler = LetterJob(mailer: mailer, key: ExportRig.letterKey, clock: rig.hand.clock)
        for _ in 0..<2 { try await rig.runJob(handler, kind: LetterJob.noticeKind) }
        #expect(mailer.messages.map { $0.to.map(\.description) } == [["a@example.com"], ["b@example.com"]])
        for message in mailer.messages {
            #expect(message.subject == "Your export is ready")
            #expect(message.textBody.contains("https://sextant.example.com/api/v1/analytics/exports/jobs/\(export.id)"))
            #expect(message.textBody.contains("9 rows in 4 files"))
            #expect(message.htmlBody?.contains("9 rows in 4 files") == true)
        }
        #expect(Set(mailer.messages.map(\.messageID)).count == 2)
        #expect(try await rig.jobs.unfinishedCount(kind: LetterJob.noticeKind) == 0)
    }

    @Test func aRefusedAddressFailsForGoodAndADeadServerIsTriedAgain() async throws {
        let rig = try ExportRig()
        _ = try await rig.finish(Self.request)
        let refusing = try FakeMailer(failing: .rejected(code: 550, reply: "no such user"))
        func send(by mailer: FakeMailer) async throws {
            let handler = LetterJob(mailer: mailer, key: ExportRig.letterKey, clock: rig.hand.clock)
            try await rig.runJob(handler, kind: LetterJob.noticeKind)
        }
        try await send(by: refusing)
        let dead = try FakeMailer(failing: .unreachable(server: "mail", reason: "refused"))
        await #expect(throws: MailError.self) { try await send(by: dead) }
        let states = try await rig.jobs.list(kinds: [LetterJob.noticeKind], environmentID: 1).map(\.state)
        #expect(Set(states) == [.failed, .queued])
    }

    @Test func withoutAddressesNobodyIsTold() async throws {
        let rig = try ExportRig()
        _ = try await rig.finish(ExportRequest(from: .day("2025-03-01"), to: .day("2025-05-31")))
        #expect(try await rig.jobs.list(kinds: [LetterJob.noticeKind], environmentID: 1).isEmpty)
    }
}
