import Testing

@testable import Text

struct HexadecimalTests {
    @Test func everyByteComesBack() {
        let bytes = (0...255).map { UInt8($0) }
        #expect(Hexadecimal.encode([0, 10, 255]) == "000aff")
        #expect(Hexadecimal.decode(Hexadecimal.encode(bytes)) == bytes)
        #expect(Hexadecimal.decode(Hexadecimal.encode(bytes).uppercased()) == bytes)
    }

    @Test(arguments: ["0", "0g", "é", "0x", " 00", "００"])
    func anythingElseIsNone(_ text: String) {
        #expect(Hexadecimal.decode(text) == nil)
    }
}
