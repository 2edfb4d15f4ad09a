import ControlStore
import ExperimentsTestSupport
import Identity
import JSON
import TestSupport
import Testing
import Time

@testable import Resources

/// What is told of keys, and that a key that the history does not take is not made, changed or ended.
@Suite struct KeyHistoryTests {
    private let rig: ExperimentsRig
    private let ring: KeyRing
    private let keys: ConvertKeyStore
    private let sdkKeys: SDKKeyStore

    init() async throws {
        rig = try ExperimentsRig()
        ring = try await KeyRing(store: rig.store)
        let (store, masterKey, clock) = (rig.store, rig.masterKey, rig.hand.clock)
        keys = ConvertKeyStore(store: store, masterKey: masterKey, keyRing: ring, clock: clock)
        sdkKeys = SDKKeyStore(store: store, masterKey: masterKey, clock: clock)
    }

    private struct Trouble: Error {}

    private func told() async throws -> [String] {
        try await rig.store.read { database in
            try database.rows(sql: "SELECT event, object, object_id, old, new FROM changes ORDER BY id").map {
                let (old, new): (String?, String?) = try ($0.read("old"), $0.read("new"))
                let (event, object): (String, String) = try ($0.read("event"), $0.read("object"))
                return "\(event) \(object) \(old != nil) \(new != nil)"
            }
        }
    }

    private func new(_ label: String) -> NewConvertKey {
        NewConvertKey(label: label, role: .accountManager, authentication: .secretKey)
    }

    @Test func convertKeys() async throws {
        let note = rig.history.keyChange(accountID: 1, by: rig.scope().author)
        let made = try await keys.create(new("a"), accountID: 1, noting: note)
        _ = try await keys.create(new("b"), accountID: 1, noting: note)
        #expect(ring.convertKey(applicationID: made.key.identifier)?.isSecret(made.secret) == true)
        #expect(try await keys.delete(made.key.identifier, accountID: 1, noting: note))
        #expect(try await !keys.delete(made.key.identifier, accountID: 1, noting: note))
        #expect(
            try await told() == [
                "create api_key false true", "create api_key false true", "delete api_key true false",
            ])
    }

    @Test func aConvertKeyThatCannotBeToldIsNotMadeAndNotEnded() async throws {
        let trouble = KeyChangeNote<ConvertKey> { _, _, _ in throw Trouble() }
        await #expect(throws: Trouble.self) { try await keys.create(new("a"), accountID: 1, noting: trouble) }
        #expect(keys.list(accountID: 1).isEmpty)
        let note = rig.history.keyChange(accountID: 1, by: rig.scope().author)
        let key = try await keys.create(new("a"), accountID: 1, noting: note).key
        _ = try await keys.create(new("b"), accountID: 1, noting: note)
        await #expect(throws: Trouble.self) { try await keys.delete(key.identifier, accountID: 1, noting: trouble) }
        try await ring.reload()
        #expect(ring.convertKey(applicationID: key.identifier) != nil)
    }

    @Test func sdkKeys() async throws {
        let (scope, project) = (rig.scope(), rig.scope().project)
        let note = rig.history.sdkKeyChange(scope)
        let key = try await sdkKeys.create(
            project, label: "k", environment: "production", hasSecret: true, isEnabled: true, isDefault: false,
            noting: note
        ).key
        for _ in 0..<2 {
            _ = try await sdkKeys.update(key.identifier, SDKKeyChanges(label: "l"), project, noting: note)
        }
        #expect(try await sdkKeys.update("sdk_none", SDKKeyChanges(label: "l"), project, noting: note) == nil)
        let trouble = KeyChangeNote<SDKKey> { _, _, _ in throw Trouble() }
        await #expect(throws: Trouble.self) { try await sdkKeys.delete(key.identifier, project, noting: trouble) }
        #expect(try await sdkKeys.list(project).map(\.label) == ["l"])
        #expect(try await sdkKeys.delete(key.identifier, project, noting: note))
        #expect(try await !sdkKeys.delete(key.identifier, project, noting: note))
        #expect(
            try await told() == [
                "create sdk_key false true", "update sdk_key true true", "delete sdk_key true false",
            ])
    }
}
