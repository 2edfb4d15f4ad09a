import ControlStore
import Foundation
import TestSupport
import Testing

@testable import Identity

struct ProvisioningTests {
    let rig: IdentityRig

    init() throws {
        rig = try IdentityRig()
    }

    @Test func createsOneOfEverything() async throws {
        #expect(try await rig.provisioning.isInitialized() == false)
        let made = try await rig.provisioning.initialize(email: "ann@example.com", password: "correct horse")
        #expect(made.user.email == "ann@example.com" && made.user.password == "correct horse")
        #expect(made.userpilot.appToken.wholeMatch(of: /NX-[0-9a-f]{8}/) != nil)
        let projects = try await rig.environments.projects(accountID: made.accountID)
        #expect(projects.map(\.id) == [made.projects.web.id, made.projects.fullstack.id])
        #expect(projects.map(\.type) == [.web, .fullstack])
        let keys = try await rig.keys(KeyRing(store: rig.store)).list(accountID: made.accountID)
        #expect(Set(keys.map(\.kind)) == Set(APIKeyKind.allCases) && keys.count == 4)
        let gainsight = keys.first { $0.kind == .gainsightKey }
        #expect(gainsight?.projectID == made.projects.web.id && gainsight?.environmentID != nil)
        #expect(keys.first { $0.kind == .sdkKey }?.projectID == made.projects.fullstack.id)
        #expect(keys.first { $0.kind == .sdkKey }?.identifier == made.projects.fullstack.sdkKey)
        let secrets = [
            made.convert.secret, made.userpilot.token, made.gainsightPX.apiKey, made.projects.fullstack.sdkSecret,
        ]
        #expect(Set(secrets).count == 4 && secrets.allSatisfy { $0.count >= 47 })
    }

    @Test func printsTheDocumentedJSON() async throws {
        let made = try await rig.provisioning.initialize()
        let json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(made))
        let object = try #require(json as? [String: Any])
        #expect(Set(object.keys) == ["account_id", "user", "convert", "userpilot", "gainsight_px", "projects"])
        #expect(Set((object["user"] as? [String: Any] ?? [:]).keys) == ["email", "password"])
        #expect(Set((object["convert"] as? [String: Any] ?? [:]).keys) == ["application_id", "secret"])
        #expect(Set((object["userpilot"] as? [String: Any] ?? [:]).keys) == ["token", "app_token"])
        #expect(Set((object["gainsight_px"] as? [String: Any] ?? [:]).keys) == ["api_key"])
        let projects = object["projects"] as? [String: [String: Any]] ?? [:]
        #expect(projects["web"].map { Set($0.keys) } == ["id"])
        #expect(projects["fullstack"].map { Set($0.keys) } == ["id", "sdk_key", "sdk_secret"])
        #expect(object["account_id"] as? Int == Int(made.accountID))
    }

    @Test func refusesASecondTime() async throws {
        _ = try await rig.provisioning.initialize()
        await #expect(throws: IdentityError.alreadyInitialized) { try await rig.provisioning.initialize() }
        #expect(try await rig.environments.accounts().count == 1)
    }

    @Test func onlyOneOfManyAtOnceSucceeds() async throws {
        let provisioning = rig.provisioning
        let successes = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 { group.addTask { (try? await provisioning.initialize()) != nil } }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(successes == 1)
        #expect(try await rig.environments.accounts().count == 1)
    }

    @Test(arguments: ["", "ann", "@example.com", "ann@", "a nn@example.com", "a@b@c", "ann\n@example.com"])
    func refusesWhatIsNoEmail(email: String) async throws {
        await #expect(throws: IdentityError.invalidEmail(email)) {
            try await rig.provisioning.initialize(email: email, password: "long enough")
        }
        #expect(try await rig.provisioning.isInitialized() == false)
    }

    @Test func refusesShortAndEndlessPasswords() async throws {
        for password in ["short12", String(repeating: "x", count: 257)] {
            await #expect(throws: IdentityError.passwordLength(password.count)) {
                try await rig.provisioning.initialize(email: "a@b.c", password: password)
            }
        }
    }

    @Test func theStoreHoldsNoSecretInClear() async throws {
        let made = try await rig.provisioning.initialize(email: "a@b.c", password: "correct horse battery")
        try rig.store.close()
        let secrets = [
            made.user.password, made.convert.secret, made.userpilot.token, made.gainsightPX.apiKey,
            made.projects.fullstack.sdkSecret,
        ]
        for name in try FileManager.default.contentsOfDirectory(atPath: rig.folder.path) {
            let bytes = try Data(contentsOf: URL(filePath: rig.folder.file(name)))
            for secret in secrets { #expect(bytes.range(of: Data(secret.utf8)) == nil) }
        }
    }
}
