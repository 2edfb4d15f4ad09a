import Crypto
import Foundation
import TestSupport
import Testing

@testable import Identity

struct MasterKeyTests {
    let rig: IdentityRig

    init() throws {
        rig = try IdentityRig()
    }

    private func path(_ name: String) -> String { rig.folder.file(name) }

    @Test func theFileIsForItsOwnerOnlyAndStaysTheSame() throws {
        let first = try MasterKey.load(orCreateAt: path("key"))
        let attributes = try FileManager.default.attributesOfItem(atPath: path("key"))
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(attributes[.size] as? Int == 32)
        let sealed = try first.seal("secret", context: "a")
        #expect(try MasterKey.load(orCreateAt: path("key")).unseal(sealed, context: "a") == "secret")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: rig.folder.path).allSatisfy {
                !$0.hasSuffix(".new")
            })
    }

    @Test func refusesAnExposedFile() throws {
        _ = try MasterKey.load(orCreateAt: path("key"))
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path("key"))
        #expect(throws: MasterKeyError.exposed(path: path("key"))) { try MasterKey.load(orCreateAt: path("key")) }
    }

    @Test(arguments: [0, 31, 33, 4_096])
    func refusesAFileOfAnotherLength(count: Int) throws {
        let isMade = FileManager.default.createFile(
            atPath: path("key"), contents: Data(count: count), attributes: [.posixPermissions: 0o600])
        #expect(isMade)
        #expect(throws: MasterKeyError.wrongLength(path: path("key"), bytes: count)) {
            try MasterKey.load(orCreateAt: path("key"))
        }
    }

    @Test func saysWhyItCannotCreateTheFile() {
        #expect(throws: MasterKeyError.cannotCreate(path: path("no/such/key"), reason: "No such file or directory")) {
            try MasterKey.load(orCreateAt: path("no/such/key"))
        }
    }

    @Test func sealedSecretsAreBoundToKeyContextAndContent() throws {
        let key = MasterKey(bytes: [UInt8](repeating: 1, count: 32))
        let sealed = try key.seal("ünicode 😀", context: "app_1")
        #expect(try key.unseal(sealed, context: "app_1") == "ünicode 😀")
        #expect(try key.seal("ünicode 😀", context: "app_1") != sealed)
        #expect(throws: MasterKeyError.cannotOpen) { try key.unseal(sealed, context: "app_2") }
        let other = MasterKey(bytes: [UInt8](repeating: 2, count: 32))
        #expect(throws: MasterKeyError.cannotOpen) { try other.unseal(sealed, context: "app_1") }
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(throws: MasterKeyError.cannotOpen) { try key.unseal(changed, context: "app_1") }
        }
        #expect(throws: MasterKeyError.cannotOpen) { try key.unseal([], context: "app_1") }
    }

    @Test func subkeysDependOnTheirLabel() {
        let key = MasterKey(bytes: [UInt8](0..<32))
        #expect(key.subkey(label: "links") == key.subkey(label: "links"))
        #expect(key.subkey(label: "links") != key.subkey(label: "cookies"))
        #expect(key.subkey(label: "links").bitCount == 256)
    }
}
