import ControlStore
import Foundation
import Schema

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Copies the parts of a data folder so that they agree with each other, while a server may be at work on it.
///
/// First comes the control store, of one moment, then the event log, of a later one: what the store has taken in of the log
/// is in the copy of the log then, and what it has not is read back from there at the next start, as after a crash. Files
/// are published before anything speaks of them and may go at any time, so they come last.
struct FolderCopy {
    let source: DataFolder
    let target: DataFolder

    /// How often the log is copied anew when the engine had to rewrite it meanwhile.
    private static let attempts = 3

    /// - Parameter target: a folder that is empty.
    init(from source: String, to target: BackupFolder) throws {
        self.source = try DataFolder(source)
        self.target = try DataFolder(target.path)
    }

    func run() async throws {
        // Nothing starts on the folder meanwhile; where a server has it, that one takes part.
        let own = try? source.lock()
        defer { own?.release() }
        // Before their jobs are, and after: such as are done meanwhile take their files along.
        try copyTree(source.uploadsPath, to: target.uploadsPath)
        try copyControlStore()
        try await copyEventLog()
        for name in ["master.key", "sextant.conf"] { try copy(name) }
        try copyTree(source.uploadsPath, to: target.uploadsPath)
        try copyTree(source.blobsPath, to: target.blobsPath)
        try copyTree(source.mailPath, to: target.mailPath)
    }

    private func copy(_ name: String) throws {
        guard FileManager.default.fileExists(atPath: "\(source.path)/\(name)") else { return }
        try FileCopy(from: "\(source.path)/\(name)", to: "\(target.path)/\(name)").run()
    }

    private func copyControlStore() throws {
        let store = try ControlStore(path: source.controlPath, migrations: ControlSchema.migrations)
        try store.copy(to: target.controlPath)
        try store.close()
        chmod(target.controlPath, 0o600)
    }

    // MARK: - The event log

    private func copyEventLog() async throws {
        guard FileManager.default.fileExists(atPath: source.eventsPath) else { return }
        let descriptor = open(source.copyingLockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CommandError("\(source.copyingLockPath): \(String(cString: strerror(errno))).")
        }
        // Closing it gives the lock back, as the end of this process does.
        defer { close(descriptor) }
        // A checkpoint or a deletion under way comes to its end first.
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 { try await Task.sleep(for: .milliseconds(20)) }
        for _ in 0..<Self.attempts where try copyLogOnce() { return }
        throw CommandError("The event log is rewritten all the time. Try again when less is sent, or stop the server.")
    }

    /// The write-ahead log goes first, up to where it is now: what it refers to in the file is there by then. Nothing in the
    /// file changes until the next checkpoint, which shows in its head.
    /// - Returns: false when there was one all the same, as the engine makes when the log is very long.
    private func copyLogOnce() throws -> Bool {
        let names = [source.eventsPath + ".wal", source.eventsPath + ".wal.checkpoint"]
        let head = try Self.head(of: source.eventsPath)
        for path in names {
            let copied = "\(target.path)/\(URL(fileURLWithPath: path).lastPathComponent)"
            try? FileManager.default.removeItem(atPath: copied)
            var status = stat()
            guard stat(path, &status) == 0 else { continue }
            try FileCopy(from: path, to: copied, upTo: Int(status.st_size)).run()
        }
        try FileCopy(from: source.eventsPath, to: target.eventsPath).run()
        return try Self.head(of: source.eventsPath) == head
    }

    /// The engine's three heads, of which each checkpoint writes one anew.
    private static func head(of path: String) throws -> Data {
        guard let file = FileHandle(forReadingAtPath: path) else { throw CommandError("\(path) cannot be opened.") }
        defer { try? file.close() }
        return try file.read(upToCount: 3 * 4_096) ?? Data()
    }

    // MARK: - Files

    /// Copies what is not there yet; what goes meanwhile is left out.
    private func copyTree(_ folder: String, to target: String) throws {
        guard FileManager.default.fileExists(atPath: folder) else { return }
        for name in try FolderFiles.all(in: folder) {
            let (from, to) = ("\(folder)/\(name)", "\(target)/\(name)")
            if FileManager.default.fileExists(atPath: to) || !FileManager.default.fileExists(atPath: from) { continue }
            try FileManager.default.createDirectory(
                atPath: URL(fileURLWithPath: to).deletingLastPathComponent().path, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            do {
                try FileCopy(from: from, to: to).run()
            } catch  where !FileManager.default.fileExists(atPath: from) {
                try? FileManager.default.removeItem(atPath: to)
            }
        }
    }
}
