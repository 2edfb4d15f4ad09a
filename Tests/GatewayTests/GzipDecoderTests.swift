import Testing

@testable import Gateway

@Suite struct GzipDecoderTests {
    private func failure(_ bytes: [UInt8], maximumBytes: Int = 1_000_000) -> GzipDecoder.Failure? {
        do throws(GzipDecoder.Failure) {
            _ = try GzipDecoder.decode(bytes, maximumBytes: maximumBytes)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [0, 1, 65_535, 65_536, 65_537, 131_072, 500_000])
    func roundTripsEverySize(_ count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 7) }
        #expect(try GzipDecoder.decode(Gzip.pack(bytes), maximumBytes: count) == bytes)
        if count > 0 { #expect(failure(try Gzip.pack(bytes), maximumBytes: count - 1) == .tooLarge) }
    }

    @Test func aBombIsRefused() throws {
        let bomb = try Gzip.pack(Array(repeating: 0, count: 50_000_000))
        #expect(bomb.count < 60_000)
        #expect(failure(bomb, maximumBytes: 100_000) == .tooLarge)
    }

    @Test func severalMembersAreOneStream() throws {
        let bytes = try Gzip.pack(Array("one ".utf8)) + Gzip.pack([]) + Gzip.pack(Array("two".utf8))
        #expect(try GzipDecoder.decode(bytes, maximumBytes: 100) == Array("one two".utf8))
        #expect(failure(bytes, maximumBytes: 6) == .tooLarge)
        let many = try Array(repeating: Gzip.pack(Array("x".utf8)), count: 2_000).flatMap { $0 }
        #expect(try GzipDecoder.decode(many, maximumBytes: 2_000).count == 2_000)
    }

    @Test func everyCutIsNoticed() throws {
        let whole = try Gzip.pack((0..<300).map { UInt8(truncatingIfNeeded: $0 &* 7) })
        for count in 0..<whole.count { #expect(failure(Array(whole.prefix(count))) == .malformed, "\(count)") }
    }

    @Test func damageIsNoticed() throws {
        let whole = try Gzip.pack(Array(repeating: 0x61, count: 1_000) + (0..<200).map { UInt8($0) })
        // The last eight bytes are checksum and size.
        for position in [0, 1, 2, whole.count - 1, whole.count - 8] {
            var damaged = whole
            damaged[position] ^= 0xFF
            #expect(failure(damaged) == .malformed, "\(position)")
        }
        #expect(failure(whole + [1]) == .malformed)
        #expect(failure(Array("{}".utf8)) == .malformed)
        for _ in 0..<200 {
            let garbage = (0..<64).map { _ in UInt8.random(in: .min ... .max) }
            #expect(failure([0x1F, 0x8B, 8, 0] + garbage, maximumBytes: 10_000) != nil)
        }
    }
}
