import ControlStore
import Schema
import TestSupport
import Time

@testable import Identity

/// An empty control store and a master key in a folder of their own, and the stores over them.
struct IdentityRig {
    let folder: TemporaryFolder
    let store: ControlStore
    let masterKey: MasterKey
    let clock = HandClock().clock

    init() throws {
        folder = try TemporaryFolder()
        store = try ControlStore(path: folder.file("control.sqlite"), migrations: ControlSchema.migrations)
        masterKey = try MasterKey.load(orCreateAt: folder.file("master.key"))
    }

    var provisioning: Provisioning { Provisioning(store: store, masterKey: masterKey, clock: clock) }
    var environments: EnvironmentStore { EnvironmentStore(store: store, masterKey: masterKey, clock: clock) }

    func keys(_ keyRing: KeyRing) -> KeyStore {
        KeyStore(store: store, masterKey: masterKey, keyRing: keyRing, clock: clock)
    }
}
