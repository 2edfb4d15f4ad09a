/// A fixed set of keys that finds the place of a key from its bytes, without making a string.
struct KeyTable: Sendable {
    /// The keys in the order given.
    let keys: [String]

    private let bytes: [UInt8]
    private let starts: [Int]
    /// Open addressing: the place of a key plus one, or 0.
    private let slots: [Int32]

    init(_ keys: [String]) {
        self.keys = keys
        var bytes: [UInt8] = []
        var starts = [0]
        var size = 4
        while size < keys.count * 3 { size *= 2 }
        var slots = [Int32](repeating: 0, count: size)
        for (place, key) in keys.enumerated() {
            bytes += Array(key.utf8)
            starts.append(bytes.count)
            var slot = Array(key.utf8).withUnsafeBufferPointer(Self.hash) & (size - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = Int32(place + 1)
        }
        self.bytes = bytes
        self.starts = starts
        self.slots = slots
    }

    /// The place of the key with the bytes of this one.
    func place(of key: String) -> Int? {
        var key = key
        return key.withUTF8 { place(of: $0) }
    }

    /// The place of the key with these bytes.
    func place(of key: UnsafeBufferPointer<UInt8>) -> Int? {
        let mask = slots.count - 1
        var slot = Self.hash(key) & mask
        while slots[slot] != 0 {
            let place = Int(slots[slot]) - 1
            if equals(key, place) { return place }
            slot = (slot + 1) & mask
        }
        return nil
    }

    private func equals(_ key: UnsafeBufferPointer<UInt8>, _ place: Int) -> Bool {
        let start = starts[place]
        guard starts[place + 1] - start == key.count else { return false }
        return bytes.withUnsafeBufferPointer { bytes in
            for index in 0..<key.count where bytes[start + index] != key[index] { return false }
            return true
        }
    }

    /// FNV-1a. The keys come from the contract, so nobody can choose them to collide.
    private static func hash(_ key: UnsafeBufferPointer<UInt8>) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in key { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int(truncatingIfNeeded: hash ^ (hash >> 32))
    }
}
