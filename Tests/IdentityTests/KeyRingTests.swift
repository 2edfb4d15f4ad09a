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
        let created = try await keys.createUserpilotKey(
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

    @Test func accountsCannotReachEachOther() async throws {
        let keys = rig.keys(ring)
        let other = try await rig.environments.createAccount(name: "Other")
        let mine = try #require(try await keys.list(accountID: made.accountID).first { $0.kind == .userpilotToken })
        #expect(try await keys.list(accountID: other.id).isEmpty)
        #expect(try await keys.revoke(keyID: mine.id, accountID: other.id) == false)
        #expect(ring.environmentKey(forUserpilotToken: made.userpilot.token) != nil)
        let environmentID = try #require(mine.environmentID)
        await #expect(throws: IdentityError.notFound("environment \(environmentID)")) {
            try await keys.createUserpilotKey(environmentID: environmentID, accountID: other.id, label: "x")
        }
        let webID = made.projects.web.id
        await #expect(throws: IdentityError.notFound("project \(webID)")) {
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

    @Test func convertSecretsCanBeReadAgain() async throws {
        let keys = rig.keys(ring)
        #expect(try await keys.convertSecret(applicationID: made.convert.applicationID) == made.convert.secret)
        #expect(try await keys.convertSecret(applicationID: "app_unknown") == nil)
        let key = try #require(try await keys.list(accountID: made.accountID, kind: .convertApplication).first)
        try await keys.revoke(keyID: key.id, accountID: made.accountID)
        #expect(try await keys.convertSecret(applicationID: made.convert.applicationID) == nil)
    }

    @Test func aLookupIsQuick() throws {
        let token = made.userpilot.token
        let rounds = (0..<20).map { _ in
            ContinuousClock().measure {
                for _ in 0..<1_000 { _ = ring.environmentKey(forUserpilotToken: token) }
            }
        }
        // Even a build without optimisation stays below; a lookup that went to the store would not. The best round
        // counts, because the machine may be busy with other tests.
        let best = try #require(rounds.min()) / 1_000
        #expect(best < .microseconds(40), "\(best)")
    }
}
