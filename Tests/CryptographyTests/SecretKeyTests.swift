import Testing
import Text

@testable import Cryptography

struct SecretKeyTests {
    /// RFC 5869, A.3: no salt, no label; the first of its two blocks.
    @Test func derivesAsTheStandardSays() throws {
        let key = SecretKey([UInt8](repeating: 0x0B, count: 22)).derived(label: "")
        let expected = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
        #expect(key.withUnsafeBytes { Hexadecimal.encode($0) } == expected)
    }

    @Test func keysAreComparedByContentAndLength() {
        #expect(SecretKey([1, 2]) == SecretKey([1, 2]))
        #expect(SecretKey([1, 2]) != SecretKey([1, 3]))
        #expect(SecretKey([1, 2]) != SecretKey([1, 2, 0]))
        #expect(SecretKey([]) == SecretKey([]))
    }
}
