import Testing
import Text

@testable import Cryptography

struct SealedBoxTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let key: String
        let nonce: String
        var text = ""
        var context = ""
        var ciphertext = ""
        let tag: String
    }

    /// McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B: the cases of AES-256 with a nonce of 96 bits.
    static let vectors = [
        Vector(
            testDescription: "case 13", key: .init(repeating: "0", count: 64), nonce: .init(repeating: "0", count: 24),
            tag: "530f8afbc74536b9a963b4f1c4cb738b"),
        Vector(
            testDescription: "case 14", key: .init(repeating: "0", count: 64), nonce: .init(repeating: "0", count: 24),
            text: .init(repeating: "0", count: 32), ciphertext: "cea7403d4d606b6e074ec5d3baf39d18",
            tag: "d0d1c8a799996bf0265b98b5d48ab919"),
        Vector(
            testDescription: "case 16",
            key: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", nonce: "cafebabefacedbaddecaf888",
            text: "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
            context: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            ciphertext: "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
            tag: "76fc6ece0f4e1768cddf8853bb2d551b"),
    ]

    private let key = SecretKey(0..<32)

    private func bytes(_ hexadecimal: String) throws -> [UInt8] { try #require(Hexadecimal.decode(hexadecimal)) }

    @Test(arguments: vectors)
    func boxesAreAsTheStandardSays(_ vector: Vector) throws {
        let (key, text, context) = (
            SecretKey(try bytes(vector.key)), try bytes(vector.text), try bytes(vector.context)
        )
        let box = try SealedBox(sealing: text, context: context, key: key, nonce: try bytes(vector.nonce))
        #expect(Hexadecimal.encode(box.bytes) == vector.nonce + vector.ciphertext + vector.tag)
        #expect(try SealedBox(stored: box.bytes).open(context: context, key: key) == text)
    }

    @Test func opensWithItsKeyItsContextAndAllItsBytesOnly() throws {
        let (text, context) = (Array("secret".utf8), Array("app_1".utf8))
        let box = try SealedBox(sealing: text, context: context, key: key)
        #expect(box.bytes.count == text.count + 28)
        #expect(try box.open(context: context, key: key) == text)
        #expect(throws: SealingError.cannotOpen) { try box.open(context: [], key: key) }
        #expect(throws: SealingError.cannotOpen) { try box.open(context: context, key: SecretKey(1..<33)) }
        for index in box.bytes.indices {
            var bytes = box.bytes
            bytes[index] ^= 1
            #expect(throws: SealingError.cannotOpen) { try SealedBox(stored: bytes).open(context: context, key: key) }
        }
        for count in box.bytes.indices {
            let cut = SealedBox(stored: Array(box.bytes.prefix(count)))
            #expect(throws: SealingError.cannotOpen) { try cut.open(context: context, key: key) }
        }
        #expect(throws: SealingError.cannotOpen) {
            try SealedBox(stored: box.bytes + [0]).open(context: context, key: key)
        }
    }

    @Test func noTwoBoxesAreTheSame() throws {
        let boxes = try (0..<100).map { _ in try SealedBox(sealing: [], context: [], key: key).bytes }
        #expect(Set(boxes).count == 100)
    }

    @Test(arguments: [0, 16, 31, 33])
    func aKeyOfAnotherLengthIsRefused(count: Int) throws {
        let key = SecretKey([UInt8](repeating: 0, count: count))
        #expect(throws: SealingError.cannotSeal) { try SealedBox(sealing: [1], context: [], key: key) }
        let box = SealedBox(stored: [UInt8](repeating: 0, count: 40))
        #expect(throws: SealingError.cannotOpen) { try box.open(context: [], key: key) }
    }
}
