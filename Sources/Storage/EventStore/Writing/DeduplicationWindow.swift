import CXXHash
import Time

/// Remembers which client event ids were stored in the last 24 hours, so that a retried request stores nothing twice.
///
/// Ids are kept as keyed 64-bit fingerprints in generations of eight hours, or less where ids come so fast that memory
/// asks for it: an id is remembered for 24 to 32 hours, at 12 to 24 bytes each. With a hundred million ids in the window, the chance that a new id is taken for
/// an old one is about one in two hundred billion (100e6 / 2^64); the key is random and never leaves the process, so nobody can
/// choose ids that collide.
struct DeduplicationWindow {
    static let spanSeconds: Int64 = 24 * 3_600
    private static let generationSeconds: Int64 = 8 * 3_600
    /// Generations that make up the window; also the parts that memory is divided into.
    private static let generationCount = 4

    private let key: UInt64
    private let maximumCount: Int
    /// Newest first.
    private var generations: [Generation]

    private struct Generation {
        let number: Int64
        var fingerprints = FingerprintSet()
    }

    /// - Parameter maximumCount: ids remembered at most; past it the oldest quarter is forgotten early.
    init(maximumCount: Int) {
        self.key = UInt64.random(in: .min ... .max)
        self.maximumCount = maximumCount
        self.generations = []
    }

    /// The fingerprint of a client event id, which counts per environment.
    func fingerprint(environmentID: Int64, clientEventID: UnsafeBufferPointer<UInt8>) -> UInt64 {
        let seed = key &+ UInt64(bitPattern: environmentID) &* 0x9E37_79B9_7F4A_7C15
        return XXH3_64bits_withSeed(clientEventID.baseAddress, clientEventID.count, seed)
    }

    func contains(_ fingerprint: UInt64) -> Bool {
        generations.contains { $0.fingerprints.contains(fingerprint) }
    }

    /// Remembers an id that is committed.
    /// - Returns: whether memory ran short and ids were forgotten before their time.
    @discardableResult
    mutating func insert(_ fingerprint: UInt64, at time: Timestamp) -> Bool {
        let number = Self.generationNumber(at: time)
        // Numbers only: whoever held the newest generation would have all of it copied by what is put in below.
        let newest = generations.first.map { (number: $0.number, count: $0.fingerprints.count) }
        if newest.map({ $0.number < number || $0.count >= maximumCount / Self.generationCount }) ?? true {
            generations.insert(Generation(number: max(number, newest?.number ?? number)), at: 0)
        }
        let index = generations.firstIndex { $0.number <= number } ?? generations.count - 1
        generations[index].fingerprints.insert(fingerprint)
        guard count > maximumCount, generations.count > 1 else { return false }
        generations.removeLast()
        return true
    }

    /// Forgets the ids whose time is over, however long nothing new came.
    mutating func forget(asOf time: Timestamp) {
        let oldest = Self.generationNumber(at: time) - Int64(Self.generationCount)
        generations.removeAll { $0.number <= oldest }
    }

    private static func generationNumber(at time: Timestamp) -> Int64 {
        time.seconds / generationSeconds
    }

    var count: Int { generations.reduce(0) { $0 + $1.fingerprints.count } }
}
