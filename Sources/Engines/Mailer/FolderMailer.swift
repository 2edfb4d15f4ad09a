import Foundation
import NIOPosix
import Time

/// Keeps messages in a folder laid out like a maildir, for servers without SMTP: mail programs can open it.
///
/// A message is written below `tmp`, flushed to disk, and moved to `new` whole.
public struct FolderMailer: Mailer {
    /// The maildir: `tmp`, `new` and `cur` lie in it.
    public let directory: String
    public let sender: Mailbox

    /// Creates the folder if needed, readable by its owner only. Blocks; call it while starting.
    /// - Throws: ``MailError/disk(path:reason:)``.
    public init(directory: String, sender: Mailbox) throws(MailError) {
        self.directory = directory
        self.sender = sender
        for name in ["tmp", "new", "cur"] {
            do {
                try FileManager.default.createDirectory(
                    atPath: "\(directory)/\(name)", withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700])
            } catch {
                throw .disk(path: "\(directory)/\(name)", reason: error.localizedDescription)
            }
        }
    }

    public func send(_ message: MailMessage) async throws(MailError) {
        let content = message.rendered()
        let name = Self.uniqueName(message)
        do {
            try await NIOThreadPool.singleton.runIfActive { [directory] in
                try Self.write(content, named: name, to: directory)
            }
        } catch let error as MailError {
            throw error
        } catch {
            throw .cancelled
        }
    }

    /// As maildir names its files: seconds, what makes them unique, and the host.
    private static func uniqueName(_ message: MailMessage) -> String {
        let random = String(UInt64.random(in: .min ... .max), radix: 16)
        return "\(message.date.seconds).P\(getpid())R\(random).sextant"
    }

    private static func write(_ content: [UInt8], named name: String, to directory: String) throws(MailError) {
        let (temporary, final) = ("\(directory)/tmp/\(name)", "\(directory)/new/\(name)")
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .disk(temporary, code: errno) }
        defer { close(descriptor) }
        do throws(MailError) {
            var written = 0
            while written < content.count {
                let count = content[written...].withUnsafeBytes {
                    Foundation.write(descriptor, $0.baseAddress, $0.count)
                }
                guard count >= 0 || errno == EINTR else { throw .disk(temporary, code: errno) }
                written += max(count, 0)
            }
            guard fsync(descriptor) == 0 else { throw .disk(temporary, code: errno) }
            guard rename(temporary, final) == 0 else { throw .disk(final, code: errno) }
        } catch {
            unlink(temporary)
            throw error
        }
        try synchronize(folder: "\(directory)/new")
    }

    private static func synchronize(folder: String) throws(MailError) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .disk(folder, code: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .disk(folder, code: errno) }
    }
}

extension MailError {
    /// ``disk(path:reason:)`` with the system's words for an error number.
    fileprivate static func disk(_ path: String, code: Int32) -> MailError {
        .disk(path: path, reason: String(cString: strerror(code)))
    }
}
