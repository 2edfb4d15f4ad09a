import Testing

@testable import Bucketing

/// Bit for bit what the official SDKs decide.
struct GoldenBucketingTests {
    @Test("Hashes over seeds, experiences and visitors equal those of the SDK")
    func hashes() throws {
        let vectors = try BucketingVectors()
        let hashes = vectors.seeds.flatMap { seed in
            let visitors = seed == vectors.seeds[0] ? vectors.visitors[...] : vectors.visitors.prefix(24)
            return vectors.experiences.flatMap { experience in
                visitors.map { MurmurHash3.hash(experience, $0, seed: seed) }
            }
        }
        #expect(hashes.count > 500)
        #expect(hashes == vectors.hashes)
    }

    @Test("Bucket values equal those of the SDK")
    func values() throws {
        let vectors = try BucketingVectors()
        #expect(vectors.values.count == vectors.visitors.count)
        for (visitor, value) in zip(vectors.visitors, vectors.values) {
            #expect(Bucketing().value(visitorID: visitor, experienceID: vectors.experiences[2]) == value, "\(visitor)")
        }
    }

    @Test("Every value of every split falls to the arm that the SDK chooses, in both layouts")
    func splits() throws {
        let vectors = try BucketingVectors()
        #expect(vectors.splits.contains { $0.layout == .anchored })
        #expect(vectors.splits.contains { $0.layout == .packed })
        for split in vectors.splits {
            let plan = BucketingPlan(arms: split.arms, layout: split.layout)
            let wrong = (0..<10_000).filter { plan.arm(for: Double($0))?.id != split.expected(for: $0) }
            #expect(wrong.isEmpty, "\(split.name), \(split.layout): \(wrong.prefix(5))")
        }
    }

    @Test("A string fed in pieces of any length hashes as the whole")
    func pieces() {
        let text = "Ω-visitor-😀-0123456789abcdef"
        let bytes = Array(text.utf8)
        let whole = MurmurHash3.hash("", text, seed: 7)
        for first in 0...bytes.count {
            for second in first...bytes.count {
                var hash = MurmurHash3(seed: 7)
                for piece in [bytes[..<first], bytes[first..<second], bytes[second...]] {
                    piece.withUnsafeBytes { hash.update($0) }
                }
                #expect(hash.finalize() == whole)
            }
        }
    }
}
