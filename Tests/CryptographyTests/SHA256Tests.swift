import Testing
import Text

@testable import Cryptography

/// Vectors: NIST, "Secure Hashing" examples, and FIPS 180-4's million letters.
struct SHA256Tests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func vectors(_ text: String, _ digest: String) {
        #expect(Digest(of: text.utf8).hexadecimal == digest)
    }

    @Test func piecesMakeTheSameDigest() {
        let letters = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
        var hash = SHA256()
        for start in stride(from: 0, to: letters.count, by: 64_127) {
            letters[start..<min(start + 64_127, letters.count)].withUnsafeBytes { hash.update($0) }
        }
        let expected = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        #expect(hash.finish().hexadecimal == expected)
        #expect(Digest(of: letters).hexadecimal == expected)
    }

    @Test func aCopyGoesOnByItself() {
        var first = SHA256()
        first.update("ab".utf8)
        var second = first
        second.update("c".utf8)
        #expect(first.finish() == Digest(of: "ab".utf8))
        #expect(second.finish() == Digest(of: "abc".utf8))
    }

    @Test func digestsAreStoredAsTheirBytes() {
        let digest = Digest(of: "abc".utf8)
        #expect(Digest(stored: digest.bytes) == digest)
        #expect(Set([digest, Digest(of: "abc".utf8)]).count == 1)
        for index in 0..<Digest.byteCount {
            var bytes = digest.bytes
            bytes[index] ^= 1
            #expect(Digest(stored: bytes) != digest)
        }
        #expect(Digest(stored: []) == nil)
        #expect(Digest(stored: [UInt8](repeating: 0, count: 31)) == nil)
        #expect(Digest(stored: [UInt8](repeating: 0, count: 33)) == nil)
    }
}
