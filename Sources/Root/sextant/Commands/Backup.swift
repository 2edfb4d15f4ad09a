import ArgumentParser
import Foundation
import JSON

/// `sextant backup`: a copy of a data folder, of a stopped or a running server.
struct Backup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy a data folder, of a stopped or a running server, and open the copy to see that it is whole.",
        discussion: """
            The copy holds everything that was acknowledged when the command began, and agrees with itself: accounts, keys, \
            profiles, events, files, and master.key, so keep it as safe as the folder. What is made of these (mirror, \
            summaries, lists) is left out. The server goes on meanwhile; deletions wait until the event log is copied.
            """)

    @Argument(help: "A folder to be made.", completion: .directory)
    var folder: String

    @Option(name: .customLong("data"), help: ArgumentHelp(KnownSettings.data.ofFlag))
    var dataDirectory: String?

    @Flag(help: "Print JSON instead of text.")
    var json = false

    @Flag(help: ArgumentHelp("Only open a copy; what the command has another process do.", visibility: .private))
    var opens = false

    func run() async throws {
        let target = URL(fileURLWithPath: folder).standardizedFileURL.path
        if opens { return try await BackupFolder(target).open() }
        let source = try Settings(dataDirectory: dataDirectory).dataDirectory
        try DataFolder.requireData(in: source)
        let backup = try BackupFolder(newAt: target)
        do {
            try await FolderCopy(from: source, to: backup).run()
            try backup.openInAnotherProcess()
            try backup.seal(of: source)
        } catch {
            try? FileManager.default.removeItem(atPath: target)
            throw error
        }
        let files = try backup.files()
        let bytes = files.reduce(0) { $0 + $1.bytes }
        if json {
            let members: [(String, JSONValue)] = [
                ("folder", .string(target)), ("files", .integer(Int64(files.count))), ("bytes", .integer(Int64(bytes))),
            ]
            return print(JSONValue.object(JSONObject(members)).encodedString)
        }
        print("\(target): \(files.count) files, \(bytes) bytes. It was opened and is whole.")
    }
}

/// `sextant restore`: a data folder from such a copy.
struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a data folder of what sextant backup has made.",
        discussion: """
            Every file is compared with its SHA-256 sum, and the folder is opened once. People who were deleted since the \
            backup are in it: delete them again.
            """)

    @Argument(help: "What sextant backup has made.", completion: .directory)
    var folder: String

    @Option(name: .customLong("data"), help: ArgumentHelp("Folder to be made, or an empty one. (default: ./data)"))
    var dataDirectory: String?

    @Flag(help: "Print JSON instead of text.")
    var json = false

    func run() async throws {
        let backup = BackupFolder(URL(fileURLWithPath: folder).standardizedFileURL.path)
        let files = try backup.files()
        let target = try Settings(dataDirectory: dataDirectory).dataDirectory
        let restored = try BackupFolder(newAt: target)
        do {
            for file in files { try restored.take(file, from: backup) }
            try restored.openInAnotherProcess()
        } catch {
            for file in files { try? FileManager.default.removeItem(atPath: "\(target)/\(file.path)") }
            throw error
        }
        if json {
            let members: [(String, JSONValue)] = [
                ("data", .string(target)), ("files", .integer(Int64(files.count))),
            ]
            return print(JSONValue.object(JSONObject(members)).encodedString)
        }
        print("\(target) is restored, from \(files.count) files. Start it with: sextant serve --data \(target)")
    }
}
