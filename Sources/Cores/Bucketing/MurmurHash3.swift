/// MurmurHash3 in its 32-bit x86 form, by Austin Appleby (public domain, `MurmurHash3_x86_32`), fed piece by piece.
///
/// The pieces are hashed as if they stood in one string, without joining them, so no memory is taken:
///
/// ```swift
/// let hash = MurmurHash3.hash("100234567", "visitor-1", seed: 9999)
/// ```
public struct MurmurHash3: Sendable {
    private var state: UInt32
    private var length: UInt32 = 0
    /// Bytes that do not fill a word yet, the first in the lowest place.
    private var tail: UInt32 = 0
    private var tailCount: UInt32 = 0

    /// A hash of nothing yet.
    public init(seed: UInt32) {
        state = seed
    }

    /// The hash of the UTF-8 bytes of two strings, one after the other.
    public static func hash(_ first: String, _ second: String, seed: UInt32) -> UInt32 {
        var hash = MurmurHash3(seed: seed)
        hash.update(first)
        hash.update(second)
        return hash.finalize()
    }

    /// Adds the UTF-8 bytes of a string.
    public mutating func update(_ text: String) {
        let done: Void? = text.utf8.withContiguousStorageIfAvailable { update(UnsafeRawBufferPointer($0)) }
        if done == nil {
            for byte in text.utf8 { update(byte) }
        }
    }

    /// Adds bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var position = 0
        while tailCount != 0, position < bytes.count {
            update(bytes[position])
            position += 1
        }
        let words = (bytes.count - position) / 4
        for _ in 0..<words {
            mix(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)))
            position += 4
        }
        length &+= UInt32(truncatingIfNeeded: words * 4)
        while position < bytes.count {
            update(bytes[position])
            position += 1
        }
    }

    /// The hash of everything added.
    public func finalize() -> UInt32 {
        var hash = state
        if tailCount > 0 { hash ^= Self.scrambled(tail) }
        hash ^= length
        hash ^= hash >> 16
        hash &*= 0x85eb_ca6b
        hash ^= hash >> 13
        hash &*= 0xc2b2_ae35
        hash ^= hash >> 16
        return hash
    }

    private mutating func update(_ byte: UInt8) {
        tail |= UInt32(byte) << (8 * tailCount)
        tailCount += 1
        length &+= 1
        if tailCount == 4 {
            mix(tail)
            tail = 0
            tailCount = 0
        }
    }

    private mutating func mix(_ word: UInt32) {
        state ^= Self.scrambled(word)
        state = Self.rotated(state, by: 13)
        state = state &* 5 &+ 0xe654_6b64
    }

    private static func scrambled(_ word: UInt32) -> UInt32 {
        rotated(word &* 0xcc9e_2d51, by: 15) &* 0x1b87_3593
    }

    private static func rotated(_ word: UInt32, by count: UInt32) -> UInt32 {
        word << count | word >> (32 - count)
    }
}
