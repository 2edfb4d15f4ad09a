import Cryptography
import Foundation
import TestSupport
import Testing
import Text

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
        #expect(key.subkey(label: "links").byteCount == 32)
    }

    /// Folders outlive versions of the program, and of what it is built on: made with swift-crypto 4.5.2.
    @Test func whatEarlierVersionsSealedOpens() throws {
        let key = MasterKey(bytes: [UInt8](0..<32))
        func opened(_ sealed: String, context: String) throws -> String {
            try key.unseal(try #require(Hexadecimal.decode(sealed)), context: context)
        }
        let text = "c71eb01f68822621c3f5710b4042b238e131bcb9e51927e4f5cf60643e7cb29560483d0caa91d5d59d"
        #expect(try opened(text, context: "app_1") == "ünicode 😀")
        #expect(try opened("a70aefdc32e6ac7d4b2fa703592eba8719bfdc3bc483bba435cad940", context: "app_2") == "")
        #expect(key.mark == "8f16afcb5c7966a77abee0af7256b4ec")
        #expect(
            key.subkey(label: "blob links").withUnsafeBytes { Hexadecimal.encode($0) }
                == "2d20057b79fb1ee86c4933416a72ae055c0d19c2dca6532ac910ac864db18526")
    }
}
