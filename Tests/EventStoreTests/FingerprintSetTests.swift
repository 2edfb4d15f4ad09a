import Testing

@testable import EventStore

@Suite struct FingerprintSetTests {
    @Test(arguments: [UInt64(8), 1 << 10, .max])
    func behavesLikeASet(_ range: UInt64) {
        var generator = SystemRandomNumberGenerator()
        var set = FingerprintSet()
        var reference: Set<UInt64> = []
        for _ in 0..<20_000 {
            // One stands for zero too, so zero is tested on its own.
            let value = UInt64.random(in: 1...range, using: &generator)
            let isNew = set.insert(value)
            let isNewInReference = reference.insert(value).inserted
            #expect(isNew == isNewInReference)
        }
        #expect(set.count == reference.count)
        #expect(Set(set.all) == reference)
        for _ in 0..<5_000 {
            let value = UInt64.random(in: 1...range, using: &generator)
            #expect(set.contains(value) == reference.contains(value))
        }
    }

    @Test func fingerprintsThatShareASlotStayApart() {
        var set = FingerprintSet()
        let colliding = (1...500).map { UInt64($0) << 32 | 5 }
        let isNew = colliding.map { set.insert($0) } + colliding.map { set.insert($0) }
        #expect(isNew == Array(repeating: true, count: 500) + Array(repeating: false, count: 500))
        #expect(!set.contains(501 << 32 | 5))
        #expect(set.count == 500)
    }

    @Test func zeroIsAMember() {
        var set = FingerprintSet()
        #expect(!set.contains(0))
        let isNew = [set.insert(0), set.insert(0)]
        #expect(isNew == [true, false])
        #expect(set.contains(0))
        #expect(set.count == 1)
    }

    @Test func removingAllLeavesNothing() {
        var set = FingerprintSet(expecting: 100)
        for value in 1...UInt64(1_000) { set.insert(value) }
        set.removeAll()
        #expect(set.count == 0)
        #expect(Array(set.all).isEmpty)
        for value in 1...UInt64(1_000) { #expect(!set.contains(value)) }
        set.insert(7)
        #expect(set.count == 1)
    }

    @Test func theExpectedNumberFits() {
        for expected in [0, 1, 42, 43, 1_000] {
            var set = FingerprintSet(expecting: expected)
            for value in 0..<UInt64(expected) { set.insert(value &* 0x9E37_79B9_7F4A_7C15 | 1 << 63) }
            #expect(set.count == expected)
        }
    }
}
