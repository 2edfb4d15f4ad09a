/// A set of 64-bit fingerprints: open addressing in one flat array, eight bytes a slot, at most two thirds full.
struct FingerprintSet {
    private var slots: [UInt64]
    private(set) var count = 0

    init(expecting expected: Int = 0) {
        var capacity = 64
        while capacity * 2 / 3 < expected { capacity *= 2 }
        slots = Array(repeating: 0, count: capacity)
    }

    func contains(_ fingerprint: UInt64) -> Bool {
        slots.withUnsafeBufferPointer { $0[Self.slot(of: Self.nonzero(fingerprint), in: $0)] != 0 }
    }

    /// False when the fingerprint was there already.
    @discardableResult
    mutating func insert(_ fingerprint: UInt64) -> Bool {
        if count >= slots.count * 2 / 3 { grow() }
        let value = Self.nonzero(fingerprint)
        let inserted = slots.withUnsafeMutableBufferPointer { slots in
            let slot = Self.slot(of: value, in: UnsafeBufferPointer(slots))
            guard slots[slot] == 0 else { return false }
            slots[slot] = value
            return true
        }
        if inserted { count += 1 }
        return inserted
    }

    /// Takes every fingerprint out, keeping the memory.
    mutating func removeAll() {
        guard count > 0 else { return }
        slots.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
        count = 0
    }

    /// Every fingerprint, in no particular order.
    var all: some Sequence<UInt64> { slots.lazy.filter { $0 != 0 } }

    private mutating func grow() {
        var larger = FingerprintSet(expecting: slots.count)
        for fingerprint in all { larger.insert(fingerprint) }
        self = larger
    }

    /// Zero marks an empty slot, so the fingerprint zero shares a slot with one.
    private static func nonzero(_ fingerprint: UInt64) -> UInt64 {
        fingerprint == 0 ? 1 : fingerprint
    }

    /// The slot that holds `value`, or the empty one where it belongs.
    private static func slot(of value: UInt64, in slots: UnsafeBufferPointer<UInt64>) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: value) & mask
        while slots[slot] != 0 && slots[slot] != value { slot = (slot + 1) & mask }
        return slot
    }
}
