import ControlStore
import EventStore
import Foundation
import Gateway
import JSON
import Logging
import Schema

/// A copy of a data folder, with a list of its files and their sums.
struct BackupFolder: Sendable {
    let path: String

    private static let listName = "backup.json"

    init(_ path: String) {
        self.path = path
    }

    /// Makes the folder.
    /// - Throws: ``CommandError`` where there is something already.
    init(newAt path: String) throws {
        self.path = path
        if let names = try? FileManager.default.contentsOfDirectory(atPath: path), !names.isEmpty {
            throw CommandError("\(path) is not empty. Name a folder that is to be made.")
        }
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandError("The folder \(path) cannot be made: \(error.localizedDescription)")
        }
    }

    /// Opens the stores as a start does, so that whatever is wrong with them is told now.
    func open() async throws {
        let settings = try Settings(dataDirectory: path)
        let folder = try DataFolder(path)
        var logger = Logger(label: "sextant")
        logger.logLevel = .error
        let control = try ControlStore(path: folder.controlPath, migrations: ControlSchema.migrations)
        _ = try await folder.masterKey(for: control, acceptsLoss: false, logger: logger)
        let events = try await folder.openEventLog(settings, knownTo: control, readiness: Readiness(), logger: logger)
        _ = try await events.end()
        try await events.checkpoint()
        try control.close()
    }

    /// The same in a process of its own: what it leaves in the folder is final when it has ended.
    func openInAnotherProcess() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["backup", "--opens", path]
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let said = try errors.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let reason = String(decoding: said, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            throw CommandError("The copy cannot be opened: \(reason)")
        }
        for name in ["control.sqlite-shm", "backup.lock", "work"] {
            try? FileManager.default.removeItem(atPath: "\(path)/\(name)")
        }
    }

    /// Writes the list of files: from now on it is a backup.
    func seal(of source: String) throws {
        let files = try FolderFiles.all(in: path).map { name in
            let (bytes, sum) = try FileCopy.sum(of: "\(path)/\(name)")
            return JSONValue.object(
                JSONObject([("path", .string(name)), ("bytes", .integer(Int64(bytes))), ("sha256", .string(sum))]))
        }
        let list = JSONValue.object(
            JSONObject([
                ("sextant", .string(Version.text)), ("data", .string(source)),
                ("made_at", .string(ISO8601DateFormatter().string(from: Date()))), ("files", .array(files)),
            ]))
        try Data(list.encoded()).write(to: URL(fileURLWithPath: "\(path)/\(Self.listName)"))
        try FolderFiles.flush(path)
    }

    /// A file of a backup.
    struct File: Sendable {
        let path: String
        let bytes: Int
        let sum: String
    }

    /// What the list names.
    /// - Throws: ``CommandError`` where there is none.
    func files() throws -> [File] {
        guard let content = FileManager.default.contents(atPath: "\(path)/\(Self.listName)"),
            let files = try? JSONValue(parsing: Array(content))["files"]?.array
        else { throw CommandError("\(path) is no backup that was finished: it has no \(Self.listName).") }
        return try files.map { file in
            guard let name = file["path"]?.string, let sum = file["sha256"]?.string,
                let bytes = file["bytes"]?.int64.flatMap({ Int(exactly: $0) }), FolderFiles.isWithin(name)
            else { throw CommandError("\(path)/\(Self.listName) is damaged.") }
            return File(path: name, bytes: bytes, sum: sum)
        }
    }

    /// Copies a file of a backup to where it was.
    /// - Throws: ``CommandError`` for one that is not as it was.
    func take(_ file: File, from backup: BackupFolder) throws {
        let target = "\(path)/\(file.path)"
        try FileManager.default.createDirectory(
            atPath: URL(fileURLWithPath: target).deletingLastPathComponent().path, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        try FileCopy(from: "\(backup.path)/\(file.path)", to: target).run()
        let (bytes, sum) = try FileCopy.sum(of: target)
        guard bytes == file.bytes, sum == file.sum else {
            throw CommandError("\(backup.path)/\(file.path) is not as it was when the backup was made.")
        }
    }
}
