import ArgumentParser
import ControlStore
import Foundation
import Identity
import Schema
import Time

/// `sextant init`: a new data folder with a first account, its projects and one key of every kind.
struct Initialize: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Create a data folder with a first account, two projects and keys.",
        discussion: "The keys and a generated password are shown once; note them down.")

    @Option(name: .customLong("data"), help: ArgumentHelp(KnownSettings.data.ofFlag))
    var dataDirectory: String?

    @Option(help: "E-mail address of the first user. (default: admin@localhost)")
    var email: String?

    @Option(help: "Password of the first user, 8 to 256 characters. (default: a random one)")
    var password: String?

    @Flag(help: "Print one JSON object instead of text.")
    var json = false

    func run() async throws {
        let settings = try Settings(dataDirectory: dataDirectory)
        for part in FolderPart.all(in: settings.dataDirectory) { try part.check() }
        try DataFolder.requireNoOrphans(in: settings.dataDirectory)
        let folder = try DataFolder(settings.dataDirectory)
        let lock = try folder.lock()
        defer { lock.release() }
        // The key first: a control store without one beside it has lost it.
        let masterKey = try MasterKey.load(orCreateAt: folder.masterKeyPath)
        let store = try ControlStore(path: folder.controlPath, migrations: ControlSchema.migrations)
        let credentials = try await Provisioning(store: store, masterKey: masterKey, clock: .system)
            .initialize(email: email, password: password)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if json {
            print(String(decoding: try encoder.encode(credentials), as: UTF8.self))
            return
        }
        print(
            """
            Created \(settings.dataDirectory)

              user                    \(credentials.user.email)
              password                \(credentials.user.password)
              Userpilot token         \(credentials.userpilot.token)   (app token \(credentials.userpilot.appToken))
              Gainsight PX key        \(credentials.gainsightPX.apiKey)
              Convert application id  \(credentials.convert.applicationID)
              Convert secret          \(credentials.convert.secret)
              web project             \(credentials.projects.web.id)
              fullstack project       \(credentials.projects.fullstack.id), SDK key \(credentials.projects.fullstack.sdkKey)
              SDK secret              \(credentials.projects.fullstack.sdkSecret)

            These secrets are not shown again. Start the server with:  sextant serve --data \(settings.dataDirectory)
            """)
    }
}
