import ControlStore
import Foundation
import Time

@testable import Identity

/// An initialised control store in a folder of its own; gone when the test is over.
final class TemporaryStore: Sendable {
    let folder: URL
    let store: ControlStore
    let masterKey: MasterKey
    let clock = WallClock { Timestamp(seconds: 1_750_000_000) }

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "identity-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        store = try ControlStore(path: folder.appending(path: "control.sqlite").path())
        masterKey = try MasterKey.load(orCreateAt: folder.appending(path: "master.key").path())
    }

    var provisioning: Provisioning { Provisioning(store: store, masterKey: masterKey, clock: clock) }
    var environments: EnvironmentStore { EnvironmentStore(store: store, masterKey: masterKey, clock: clock) }

    func keys(_ keyRing: KeyRing) -> KeyStore {
        KeyStore(store: store, masterKey: masterKey, keyRing: keyRing, clock: clock)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }
}
