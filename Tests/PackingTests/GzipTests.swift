import Testing

@testable import Packing

@Suite struct GzipTests {
    @Test(arguments: [0, 1, 1_000, 1_000_000])
    func whatIsPackedIsUnpackedAgain(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 / 3) }
        let packed = try #require(Gzip.compress(bytes))
        #expect(packed.prefix(2) == [0x1f, 0x8b])
        #expect(Gzip.decompress(packed) == bytes)
    }

    @Test func anythingElseIsRefused() throws {
        #expect(Gzip.decompress([]) == nil)
        #expect(Gzip.decompress(Array(repeating: 7, count: 40).map(UInt8.init)) == nil)
        let packed = try #require(Gzip.compress(Array("the same".utf8)))
        #expect(Gzip.decompress(packed.dropLast() + [9]) == nil)
    }
}
