import ControlStore
import Testing
import Time

@testable import Identity

@Suite struct SDKKeyRingTests {
    private let rig: IdentityRig
    private let ring: SDKKeyRing
    private let keys: SDKKeyStore
    private let project: Project
    private let untold = KeyChangeNote<SDKKey> { _, _, _ in }

    init() async throws {
        rig = try IdentityRig()
        let now = rig.clock.now
        project = try await rig.store.write { [masterKey = rig.masterKey] database in
            let issue = KeyIssue(database: database, masterKey: masterKey, now: now)
            let account = try issue.account(name: "a")
            let made = try issue.project(name: "p", type: .fullstack, accountID: account)
            _ = try issue.environment(name: "staging", projectID: made.project.id, isDefault: false)
            return made.project
        }
        ring = SDKKeyRing(store: rig.store)
        keys = SDKKeyStore(store: rig.store, masterKey: rig.masterKey, clock: rig.clock)
    }

    private func make(hasSecret: Bool) async throws -> (key: SDKKey, secret: String?) {
        try await keys.create(
            project, label: "k", environment: "staging", hasSecret: hasSecret, isEnabled: true, isDefault: false,
            noting: untold)
    }

    @Test func keysOpenTheirEnvironmentUntilTheyEnd() async throws {
        let key = try await make(hasSecret: false).key
        for _ in 0..<2 {
            let access = try #require(try await ring.access(key.identifier))
            #expect(access.projectID == project.id && access.environment == "staging" && access.admits(secret: nil))
        }
        _ = try await keys.update(key.identifier, SDKKeyChanges(environment: "production"), project, noting: untold)
        #expect(try await ring.access(key.identifier)?.environment == "production")
        _ = try await keys.update(key.identifier, SDKKeyChanges(isEnabled: false), project, noting: untold)
        #expect(try await ring.access(key.identifier) == nil)
        _ = try await keys.update(key.identifier, SDKKeyChanges(isEnabled: true), project, noting: untold)
        #expect(try await ring.access(key.identifier) != nil)
        _ = try await keys.delete(key.identifier, project, noting: untold)
        #expect(try await ring.access(key.identifier) == nil)
        #expect(try await ring.access("sdk_none") == nil)
    }

    @Test func secretsAreAskedFor() async throws {
        let (key, secret) = try await make(hasSecret: true)
        let access = try #require(try await ring.access(key.identifier))
        #expect(access.hasSecret && access.admits(secret: secret))
        #expect(!access.admits(secret: nil) && !access.admits(secret: "") && !access.admits(secret: key.identifier))
    }

    @Test func aProjectTakesItsKeysAlong() async throws {
        let key = try await make(hasSecret: false).key
        #expect(try await ring.access(key.identifier) != nil)
        try await rig.store.write { [project] in
            try $0.execute(sql: "DELETE FROM projects WHERE id = ?", arguments: [project.id])
        }
        #expect(try await ring.access(key.identifier) == nil)
    }

    @Test func whatIsRolledBackChangesNothing() async throws {
        let watch = TableWatch(rig.store, tables: ["projects"])
        struct Stop: Error {}
        await #expect(throws: Stop.self) {
            try await rig.store.write { database in
                try database.execute(sql: "UPDATE projects SET name = 'x'")
                throw Stop()
            }
        }
        try await rig.store.write { try $0.execute(sql: "UPDATE accounts SET name = 'x'") }
        #expect(watch.count == 0)
        try await rig.store.write { database in
            try database.savepoint {
                try database.execute(sql: "UPDATE projects SET name = 'y'")
            }
        }
        #expect(watch.count == 1)
    }
}
