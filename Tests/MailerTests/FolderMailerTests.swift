import Foundation
import Mailer
import TestSupport
import Testing

struct FolderMailerTests {
    private let folder: TemporaryFolder
    private let mailer: FolderMailer

    init() throws {
        folder = try TemporaryFolder()
        mailer = try FolderMailer(
            directory: folder.file("mail"), sender: Mailbox(address: try EmailAddress("sextant@localhost")))
    }

    private func names(_ part: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/mail/\(part)").sorted()
    }

    @Test func keepsMessagesWhole() async throws {
        let message = try MailMessage.sample(subject: "Größe")
        try await mailer.send(message)
        let name = try #require(try names("new").first)
        #expect(name.hasPrefix("1746949530."))
        let kept = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/mail/new/\(name)"))
        #expect(Array(kept) == message.rendered())
        #expect(try names("tmp").isEmpty && names("cur").isEmpty)
    }

    @Test func pythonReadsItAsAMaildir() async throws {
        try await mailer.send(try MailMessage.sample(subject: "Größe 1"))
        let script = """
            import email.policy, email, mailbox, sys
            box = mailbox.Maildir(sys.argv[1], create=False, factory=lambda f: email.message_from_binary_file(
                f, policy=email.policy.default))
            print([(m["subject"], m["to"], m.get_content().splitlines()) for m in box])
            """
        let output = try PythonInterpreter.output(of: script, [folder.file("mail")], having: "mailbox")
        #expect(output == "[('Größe 1', 'ana@example.com', ['Hello,', '', 'it is ready.'])]")
    }

    @Test func theSameMessageTwiceIsKeptTwice() async throws {
        let message = try MailMessage.sample()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { try await mailer.send(message) } }
            try await group.waitForAll()
        }
        #expect(try names("new").count == 20)
    }

    @Test func onlyTheOwnerMayRead() async throws {
        try await mailer.send(try MailMessage.sample())
        let name = try #require(try names("new").first)
        for (path, mode) in [("mail", 0o700), ("mail/new", 0o700), ("mail/new/\(name)", 0o600)] {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/\(path)")
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == mode)
        }
    }

    @Test func aVanishedFolderIsATemporaryError() async throws {
        try FileManager.default.removeItem(atPath: folder.file("mail"))
        let error = await #expect(throws: MailError.self) { try await mailer.send(try MailMessage.sample()) }
        guard case .disk = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.isPermanent == false)
    }

    @Test func anUnusableFolderIsAnError() throws {
        let file = try folder.newFile(text: "not a folder")
        #expect(throws: MailError.self) {
            try FolderMailer(directory: file, sender: Mailbox(address: try EmailAddress("a@b")))
        }
    }
}
