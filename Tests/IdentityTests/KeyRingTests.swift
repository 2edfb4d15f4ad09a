import ControlStore
import Cryptography
import Testing

@testable import Identity

struct KeyRingTests {
    let rig: IdentityRig
    let made: InitialCredentials
    let ring: KeyRing

    init() async throws {
        rig = try IdentityRig()
        made = try await rig.provisioning.initialize()
        ring = try await KeyRing(store: rig.store)
    }

    @Test func recognisesTheFirstToken() throws {
        let key = try #require(ring.environmentKey(forUserpilotToken: made.userpilot.token))
        #expect(key.accountID == made.accountID && key.projectID == made.projects.web.id)
        #expect(key.appToken == made.userpilot.appToken && key.environmentName == "production")
        #expect(key.allowsExports)
    }

    @Test func recognisesTheFirstGainsightKey() throws {
        let key = try #require(ring.environmentKey(forGainsightKey: made.gainsightPX.apiKey))
        #expect(key.projectID == made.projects.web.id && key.allowsExports)
        #expect(key.environmentID == ring.environmentKey(forUserpilotToken: made.userpilot.token)?.environmentID)
        #expect(ring.environmentKey(forGainsightKey: made.userpilot.token) == nil)
    }

    @Test func refusesEverythingElse() {
        let token = made.userpilot.token
        let others = [
            "", " ", token + " ", String(token.dropLast()), token.lowercased(), made.userpilot.appToken,
            made.gainsightPX.apiKey, made.convert.secret, "\u{0}", String(repeating: "x", count: 100_000),
        ]
        for other in others { #expect(ring.environmentKey(forUserpilotToken: other) == nil) }
    }

    @Test func newKeysWorkAtOnceAndRevokedOnesNoMore() async throws {
        let keys = rig.keys(ring)
        let staging = try await rig.environments.createEnvironment(
            name: "staging", projectID: made.projects.web.id, accountID: made.accountID)
        let created = try await keys.createEnvironmentKey(
            environmentID: staging.id, accountID: made.accountID, label: "warehouse", allowsExports: false)
        let key = try #require(ring.environmentKey(forUserpilotToken: created.secret))
        #expect(key.environmentID == staging.id && key.appToken == staging.appToken && !key.allowsExports)
        #expect(key.keyID == created.key.id && created.secret.hasPrefix(created.key.identifier))
        // Another process reads the same.
        #expect(try await KeyRing(store: rig.store).environmentKey(forUserpilotToken: created.secret) == key)

        #expect(try await keys.revoke(keyID: created.key.id, accountID: made.accountID))
        #expect(ring.environmentKey(forUserpilotToken: created.secret) == nil)
        #expect(try await KeyRing(store: rig.store).environmentKey(forUserpilotToken: created.secret) == nil)
        #expect(try await keys.revoke(keyID: created.key.id, accountID: made.accountID) == false)
        #expect(ring.environmentKey(forUserpilotToken: made.userpilot.token) != nil)
    }

    @Test func oneThatCannotBeReadOpensNothingAndHidesNoOther() async throws {
        let keys = rig.keys(ring)
        let created = try await keys.createEnvironmentKey(
            environmentID: try #require(ring.environmentKey(forUserpilotToken: made.userpilot.token)).environmentID,
            accountID: made.accountID, label: "damaged", allowsExports: false)
        // A NULL where the schema allows none, as a damaged file or a tool may leave it.
        try await rig.store.write { database in
            try database.run(
                script: """
                    PRAGMA writable_schema = ON;
                    UPDATE sqlite_schema SET sql = replace(sql, 'scopes TEXT NOT NULL', 'scopes TEXT')
                        WHERE name = 'api_keys';
                    PRAGMA writable_schema = RESET;
                    """)
            let count = try database.execute(
                sql: "UPDATE api_keys SET scopes = NULL WHERE id = ?", arguments: [created.key.id])
            #expect(count == 1)
        }
        let read = try await KeyRing(store: rig.store)
        #expect(read.environmentKey(forUserpilotToken: created.secret) == nil)
        #expect(read.environmentKey(forUserpilotToken: made.userpilot.token) != nil)
        #expect(read.convertKey(applicationID: made.convert.applicationID) != nil)
        let listed = try await keys.list(accountID: made.accountID)
        #expect(!listed.isEmpty && !listed.contains { $0.id == created.key.id })
        // Text that is none, in the key of an application.
        try await rig.store.write {
            try $0.execute(
                sql: "UPDATE api_keys SET label = x'ff' WHERE identifier = ?", arguments: [made.convert.applicationID])
        }
        try await read.reload()
        #expect(read.convertKey(applicationID: made.convert.applicationID) == nil)
        #expect(read.environmentKey(forUserpilotToken: made.userpilot.token) != nil)
    }

    @Test func ofKeysEndedAtTheSameMomentOneStays() async throws {
        let keys = rig.keys(ring)
        let first = try #require(try await keys.list(accountID: made.accountID).first { $0.kind == .userpilotToken })
        let environmentID = try #require(first.environmentID)
        var ids = [first.id]
        for _ in 0..<5 {
            let key = try await keys.createEnvironmentKey(
                environmentID: environmentID, accountID: made.accountID, label: "k")
            ids.append(key.key.id)
        }
        // One that may not export is no substitute.
        _ = try await keys.createEnvironmentKey(
            environmentID: environmentID, accountID: made.accountID, label: "in", allowsExports: false)
        let refused = await withTaskGroup(of: Bool.self) { group in
            for id in ids {
                group.addTask {
                    do {
                        _ = try await keys.revoke(keyID: id, accountID: made.accountID, leaving: .exporting)
                        return false
                    } catch {
                        return error as? IdentityError == .lastKey
                    }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(refused == 1)
        let convert = try #require(ring.convertKeys(accountID: made.accountID).first)
        await #expect(throws: IdentityError.lastKey) {
            try await keys.revoke(keyID: convert.keyID, accountID: made.accountID, leaving: .managing)
        }
    }

    @Test func accountsCannotReachEachOther() async throws {
        let keys = rig.keys(ring)
        let other = try await rig.environments.createAccount(name: "Other")
        let mine = try #require(try await keys.list(accountID: made.accountID).first { $0.kind == .userpilotToken })
        #expect(try await keys.list(accountID: other.id).isEmpty)
        #expect(try await keys.revoke(keyID: mine.id, accountID: other.id) == false)
        #expect(ring.environmentKey(forUserpilotToken: made.userpilot.token) != nil)
        let environmentID = try #require(mine.environmentID)
        await #expect(throws: IdentityError.notFound(.environment, "\(environmentID)")) {
            try await keys.createEnvironmentKey(environmentID: environmentID, accountID: other.id, label: "x")
        }
        let webID = made.projects.web.id
        await #expect(throws: IdentityError.notFound(.project, "\(webID)")) {
            try await rig.environments.createEnvironment(name: "x", projectID: webID, accountID: other.id)
        }
        #expect(try await rig.environments.environments(projectID: webID, accountID: other.id).isEmpty)
        #expect(try await rig.environments.projects(accountID: other.id).isEmpty)
    }

    @Test func environmentNamesAreUniqueInAProject() async throws {
        let environments = rig.environments
        await #expect(throws: IdentityError.environmentNameTaken("production")) {
            try await environments.createEnvironment(
                name: "production", projectID: made.projects.web.id, accountID: made.accountID)
        }
        let (project, first) = try await environments.createProject(
            name: "Second", type: .web, accountID: made.accountID)
        #expect(first.isDefault && first.name == "production")
        let second = try await environments.createEnvironment(
            name: "'; DROP TABLE environments; --", projectID: project.id, accountID: made.accountID)
        #expect(
            try await environments.environments(projectID: project.id, accountID: made.accountID) == [first, second])
        #expect(try await environments.environment(id: second.id) == second)
        await #expect(throws: IdentityError.invalidName(field: "name")) {
            try await environments.createEnvironment(name: "", projectID: project.id, accountID: made.accountID)
        }
    }

    @Test func convertKeysProveThemselvesUntilTheyAreRevoked() async throws {
        let (identifier, secret) = (made.convert.applicationID, made.convert.secret)
        let ring = try await KeyRing(store: rig.store)
        let key = try #require(ring.convertKey(applicationID: identifier))
        #expect(ring.convertKey(applicationID: "app_unknown") == nil)
        #expect(key.accountID == made.accountID && key.projectIDs == nil && key.authentication == nil)
        #expect(key.isSecret(secret))
        #expect(!key.isSecret("") && !key.isSecret(secret + "x") && !key.isSecret(String(secret.dropLast())))

        // As the vendor's page on request signing puts it together.
        let (expires, url, body) = ("1700000000.5", "https://a.example/api/v2/accounts?x=1", Array(#"{"a":"ü"}"#.utf8))
        let content = Array("\(identifier)\n\(expires)\n\(url)\n".utf8) + body
        let signature = AuthenticationCode(of: content, key: SecretKey(secret.utf8)).hexadecimal
        func isValid(_ signature: String, _ expires: String, _ url: String, _ body: [UInt8]) throws -> Bool {
            try key.isSignature(signature, expires: expires, url: url, body: body, masterKey: rig.masterKey)
        }
        #expect(try isValid(signature, expires, url, body))
        #expect(try isValid(signature.uppercased(), expires, url, body))
        #expect(try !isValid(String(signature.dropLast()), expires, url, body))
        #expect(try !isValid(signature + "00", expires, url, body))
        #expect(try !isValid(String(repeating: "é", count: 32), expires, url, body))
        #expect(try !isValid(signature, "1700000000", url, body))
        #expect(try !isValid(signature, expires, url + "/", body))
        #expect(try !isValid(signature, expires, url, []))

        try await rig.keys(ring).revoke(keyID: key.keyID, accountID: made.accountID)
        #expect(ring.convertKey(applicationID: identifier) == nil)
    }

    @Test func aLookupDoesNotAskTheStore() throws {
        try rig.store.close()
        #expect(ring.environmentKey(forUserpilotToken: made.userpilot.token) != nil)
        #expect(ring.environmentKey(forUserpilotToken: "unknown") == nil)
        #expect(ring.convertKey(applicationID: made.convert.applicationID) != nil)
    }
}
