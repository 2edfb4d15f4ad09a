import ArgumentParser
import ControlStore
import Foundation
import Identity
import Logging
import Schema

/// Where the logins and keys are that a command works on, and how it shows them. A server may run on them meanwhile.
struct StorePlace: ParsableArguments {
    @Option(name: .customLong("data"), help: ArgumentHelp(KnownSettings.data.ofFlag))
    var dataDirectory: String?

    @Flag(help: "Print JSON instead of text.")
    var json = false

    /// - Throws: for a folder without a control store: none is made.
    func open() throws -> ControlStore {
        let folder = try folder()
        return try ControlStore(path: folder.controlPath, migrations: ControlSchema.migrations)
    }

    /// The key that the folder's secrets are sealed with.
    /// - Throws: where it is missing, or another one.
    func masterKey(_ store: ControlStore) async throws -> MasterKey {
        try await folder().masterKey(for: store, acceptsLoss: false, logger: Logger(label: "sextant"))
    }

    private func folder() throws -> DataFolder {
        let settings = try Settings(dataDirectory: dataDirectory)
        // What opens a folder makes one.
        try DataFolder.requireData(in: settings.dataDirectory)
        return try DataFolder(settings.dataDirectory)
    }

    func show(_ members: [String: String], _ text: String) throws {
        guard json else {
            print(text)
            return
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(members), as: UTF8.self))
    }
}
