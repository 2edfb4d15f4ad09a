import Testing
import Text

@testable import Cryptography

struct HMACTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let key: [UInt8]
        let message: [UInt8]
        let code: String
    }

    /// RFC 4231, section 4. Case 5 is about codes that are cut, which there are none of here.
    static let vectors = [
        Vector(
            testDescription: "case 1", key: .init(repeating: 0x0B, count: 20), message: Array("Hi There".utf8),
            code: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        Vector(
            testDescription: "case 2", key: Array("Jefe".utf8), message: Array("what do ya want for nothing?".utf8),
            code: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        Vector(
            testDescription: "case 3", key: .init(repeating: 0xAA, count: 20),
            message: .init(repeating: 0xDD, count: 50),
            code: "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
        Vector(
            testDescription: "case 4", key: .init(1...25), message: .init(repeating: 0xCD, count: 50),
            code: "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
        Vector(
            testDescription: "case 6", key: .init(repeating: 0xAA, count: 131),
            message: Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            code: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
        Vector(
            testDescription: "case 7", key: .init(repeating: 0xAA, count: 131),
            message: Array(
                ("This is a test using a larger than block-size key and a larger than block-size data. "
                    + "The key needs to be hashed before being used by the HMAC algorithm.").utf8),
            code: "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
    ]

    @Test(arguments: vectors)
    func codesAreAsTheStandardSays(_ vector: Vector) {
        let key = SecretKey(vector.key)
        #expect(AuthenticationCode(of: vector.message, key: key).hexadecimal == vector.code)
        var pieces = HMAC(key: key)
        for byte in vector.message { pieces.update([byte]) }
        #expect(pieces.finish().hexadecimal == vector.code)
    }

    @Test func aKeyMayBeEmpty() {
        #expect(
            AuthenticationCode(of: [], key: SecretKey([])).hexadecimal
                == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
    }

    @Test func claimedCodesAreComparedAsBytes() {
        let code = AuthenticationCode(of: [1], key: SecretKey([2]))
        #expect(AuthenticationCode(hexadecimal: code.hexadecimal) == code)
        #expect(AuthenticationCode(hexadecimal: code.hexadecimal.uppercased()) == code)
        #expect(AuthenticationCode(of: [2], key: SecretKey([2])) != code)
        for bad in [
            "", "0", String(code.hexadecimal.dropLast(2)), code.hexadecimal + "00", String(repeating: "é", count: 32),
        ] {
            #expect(AuthenticationCode(hexadecimal: bad) == nil)
        }
    }
}
