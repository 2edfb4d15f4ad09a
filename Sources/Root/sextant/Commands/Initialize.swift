import ArgumentParser
import ControlStore
import Foundation
import Identity
import Schema
import Time

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// `sextant init`: a new data folder with a first account, its projects and one key of every kind.
struct Initialize: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Create a data folder with a first account, two projects and keys.",
        usage: "sextant init [<options>]",
        discussion:
            "The keys and a generated password are shown once, and kept nowhere unless --credentials asks for it.")

    @Option(name: .customLong("data"), help: ArgumentHelp(KnownSettings.data.ofFlag))
    var dataDirectory: String?

    @Option(help: "E-mail address of the first user. (default: admin@localhost)")
    var email: String?

    @Option(help: "Password of the first user, 8 to 256 characters. (default: a random one)")
    var password: String?

    @Flag(help: "Print one JSON object instead of text.")
    var json = false

    @Option(
        help: ArgumentHelp("Also write them, as JSON, into a new file that only its owner can read.", valueName: "file")
    )
    var credentials: String?

    func run() async throws {
        // What is wrong with the command itself is told before there is anything.
        try Provisioning.check(email: email, password: password)
        let settings = try Settings(dataDirectory: dataDirectory)
        for part in FolderPart.all(in: settings.dataDirectory) { try part.check() }
        try DataFolder.requireNoOrphans(in: settings.dataDirectory)
        // A reader that has gone is an error like any other, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        var beginning = FolderBeginning(of: settings.dataDirectory)
        do {
            let folder = try DataFolder(settings.dataDirectory)
            let lock = try folder.lock()
            defer { lock.release() }
            // From here on what appears in the folder is of this run.
            beginning.noteFiles()
            do {
                try await fill(folder, &beginning)
            } catch {
                beginning.removeFiles()
                throw error
            }
        } catch {
            beginning.removeFolders()
            throw error
        }
    }

    private func fill(_ folder: DataFolder, _ beginning: inout FolderBeginning) async throws {
        // Before anything is made that only the file would tell of.
        let file = try credentials.map { try SecretFile(newAt: $0) }
        if let credentials { beginning.add(file: credentials) }
        // The key first: a control store without one beside it has lost it.
        let masterKey = try MasterKey.load(orCreateAt: folder.masterKeyPath)
        let store = try ControlStore(path: folder.controlPath, migrations: ControlSchema.migrations)
        defer { try? store.close() }
        try await Provisioning(store: store, masterKey: masterKey, clock: .system)
            .initialize(email: email, password: password) { [json, path = folder.path] made in
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
                let encoded = try encoder.encode(made)
                try file?.write(encoded)
                let text = json ? String(decoding: encoded, as: UTF8.self) : Self.text(made, path)
                do {
                    try FileHandle.standardOutput.write(contentsOf: Data("\(text)\n".utf8))
                } catch {
                    throw CommandError(
                        "The keys cannot be shown (\(error.localizedDescription)), so nothing is made. Run it again with an "
                            + "output that takes them.")
                }
            }
    }

    private static func text(_ made: InitialCredentials, _ path: String) -> String {
        """
        Created \(path)

          user                    \(made.user.email)
          password                \(made.user.password)
          Userpilot token         \(made.userpilot.token)   (app token \(made.userpilot.appToken))
          Gainsight PX key        \(made.gainsightPX.apiKey)
          Convert application id  \(made.convert.applicationID)
          Convert secret          \(made.convert.secret)
          web project             \(made.projects.web.id)
          fullstack project       \(made.projects.fullstack.id), SDK key \(made.projects.fullstack.sdkKey)
          SDK secret              \(made.projects.fullstack.sdkSecret)

        These secrets are not shown again. Start the server with:  sextant serve --data \(path)
        """
    }
}
