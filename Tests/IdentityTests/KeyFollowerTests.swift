import ControlStore
import Schema
import TestSupport
import Testing

@testable import Identity

/// What a process sees of keys that another one changes: here another connection to the same file.
struct KeyFollowerTests {
    private let rig: IdentityRig
    private let other: ControlStore
    private let ring: KeyRing
    private let sdkRing: SDKKeyRing
    private let follower: KeyFollower
    private let made: InitialCredentials

    init() async throws {
        rig = try IdentityRig()
        made = try await rig.provisioning.initialize()
        other = try ControlStore(path: rig.folder.file("control.sqlite"), migrations: ControlSchema.migrations)
        ring = try await KeyRing(store: rig.store)
        sdkRing = SDKKeyRing(store: rig.store)
        follower = KeyFollower(store: rig.store, keys: ring, sdkKeys: sdkRing)
        try await follower.follow()
    }

    @Test func whatOthersMakeAndEndIsTakenOver() async throws {
        let keys = KeyStore(
            store: other, masterKey: rig.masterKey, keyRing: try await KeyRing(store: other), clock: rig.clock)
        let known = try #require(ring.environmentKey(forUserpilotToken: made.userpilot.token))
        let created = try await keys.createEnvironmentKey(
            environmentID: known.environmentID, accountID: made.accountID, label: "k")
        #expect(ring.environmentKey(forUserpilotToken: created.secret) == nil)
        try await follower.follow()
        #expect(ring.environmentKey(forUserpilotToken: created.secret) != nil)
        try await keys.revoke(keyID: known.keyID, accountID: made.accountID)
        try await follower.follow()
        #expect(ring.environmentKey(forUserpilotToken: made.userpilot.token) == nil)
    }

    @Test func sdkKeysThatAreRememberedEndToo() async throws {
        let identifier = made.projects.fullstack.sdkKey
        #expect(try await sdkRing.access(identifier) != nil)
        try await other.write { database in
            try database.execute(
                sql: "UPDATE api_keys SET revoked_at = 1 WHERE identifier = ?", arguments: [identifier])
        }
        try await follower.follow()
        #expect(try await sdkRing.access(identifier) == nil)
    }

    @Test func onlyCommitsOfOthersCount() async throws {
        let before = try await rig.store.foreignCommits()
        try await rig.store.write { try $0.execute(sql: "UPDATE accounts SET name = 'x'") }
        #expect(try await rig.store.foreignCommits() == before)
        try await other.write { try $0.execute(sql: "UPDATE accounts SET name = 'y'") }
        #expect(try await rig.store.foreignCommits() != before)
    }
}
