import Foundation

/// Many texts in one piece of memory. A text that is replaced stays behind until half of the memory is such remains.
struct TextArena: Sendable {
    private var bytes: [UInt8] = []
    private var starts: [UInt32] = []
    private var lengths: [UInt32] = []
    /// Bytes that no text has any more.
    private var waste = 0

    /// Bytes that fit; those of further texts are left out, see ``isFull``.
    private static let capacity = Int(UInt32.max) - 1
    /// Whether a text was left out.
    private(set) var isFull = false

    var count: Int { starts.count }

    /// Of memory.
    var byteCount: Int { bytes.count + 8 * starts.count }

    mutating func reserve(_ count: Int) {
        starts.reserveCapacity(count)
        lengths.reserveCapacity(count)
    }

    mutating func append(_ text: some Collection<UInt8>) {
        starts.append(0)
        lengths.append(0)
        place(text, at: starts.count - 1)
    }

    mutating func set(_ text: [UInt8], at index: Int) {
        let isSame = withBytes(at: index) { $0.elementsEqual(text) }
        if isSame { return }
        waste += Int(lengths[index])
        place(text, at: index)
        if waste > 65_536, waste > bytes.count / 2 { self = rearranged(by: (0..<count).map(Int32.init)) }
    }

    private mutating func place(_ text: some Collection<UInt8>, at index: Int) {
        guard text.count <= Self.capacity - bytes.count else {
            isFull = true
            return
        }
        starts[index] = UInt32(bytes.count)
        lengths[index] = UInt32(text.count)
        bytes.append(contentsOf: text)
    }

    func withBytes<Result>(at index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        withTexts { body($0[index]) }
    }

    /// Lends all texts at once.
    @inline(__always)
    func withTexts<Result>(_ body: (Texts) -> Result) -> Result {
        bytes.withUnsafeBufferPointer { bytes in
            starts.withUnsafeBufferPointer { starts in
                lengths.withUnsafeBufferPointer { lengths in
                    body(Texts(bytes: bytes, starts: starts, lengths: lengths))
                }
            }
        }
    }

    /// Calls the body with each text.
    @inline(__always)
    func visitAll(_ body: (Int, UnsafeBufferPointer<UInt8>) -> Void) {
        withTexts { texts in
            for index in texts.starts.indices { body(index, texts[index]) }
        }
    }

    /// The texts, for as long as they are lent.
    struct Texts {
        fileprivate let bytes: UnsafeBufferPointer<UInt8>
        fileprivate let starts: UnsafeBufferPointer<UInt32>
        fileprivate let lengths: UnsafeBufferPointer<UInt32>

        @inline(__always)
        subscript(index: Int) -> UnsafeBufferPointer<UInt8> {
            let start = Int(starts[index])
            return UnsafeBufferPointer(rebasing: bytes[start..<start + Int(lengths[index])])
        }
    }

    /// Less than 0, 0 or greater, as the first text comes before the second by its bytes, is the same, or comes after it.
    @inline(__always)
    static func compare(_ one: UnsafeBufferPointer<UInt8>, _ other: UnsafeBufferPointer<UInt8>) -> Int {
        let shared = min(one.count, other.count)
        if shared > 0, let first = one.baseAddress, let second = other.baseAddress {
            let order = memcmp(first, second, shared)
            if order != 0 { return Int(order) }
        }
        return one.count - other.count
    }

    /// The texts in another order; the empty one where the index is negative.
    func rearranged(by sources: [Int32]) -> TextArena {
        var arena = TextArena()
        arena.reserve(sources.count)
        arena.bytes.reserveCapacity(max(bytes.count - waste, 0))
        for source in sources {
            if source < 0 { arena.append([]) } else { withBytes(at: Int(source)) { arena.append($0) } }
        }
        arena.isFull = isFull
        return arena
    }
}
