/// The values of one attribute of many profiles, by their places in a ``ProfileTable``. Only the part that belongs to the
/// type is used.
struct ProfileColumn: Sendable {
    let type: ProfileAttribute.ValueType
    /// Times and booleans.
    private(set) var integers: [Int64] = []
    /// The nearest doubles.
    private(set) var numbers: [Double] = []
    /// Numbers that others share their nearest double with, by place.
    private(set) var exact: [Int: ExactNumber] = [:]
    /// Of the numerals in ``exact``.
    private var numeralBytes = 0
    /// Texts; lists as ``ListBytes``.
    private(set) var texts = TextArena()
    init(_ type: ProfileAttribute.ValueType) { self.type = type }

    /// Of memory, about.
    var byteCount: Int { 8 * (integers.count + numbers.count) + 120 * exact.count + numeralBytes + texts.byteCount }

    /// Whether values had to be left out.
    var isFull: Bool { texts.isFull }

    mutating func append(_ value: ProfileValue) {
        switch value {
        case .integer(let integer): integers.append(integer)
        case .number(let number):
            numbers.append(0)
            set(number, at: numbers.count - 1)
        case .text(let text): texts.append(text)
        case .list(let list): texts.append(ListBytes.encode(list))
        }
    }

    mutating func set(_ value: ProfileValue, at place: Int) {
        switch value {
        case .integer(let integer): integers[place] = integer
        case .number(let number): set(number, at: place)
        case .text(let text): texts.set(text, at: place)
        case .list(let list): texts.set(ListBytes.encode(list), at: place)
        }
    }

    private mutating func set(_ number: ExactNumber?, at place: Int) {
        // No sign, so that both zeros are one.
        numbers[place] = (number?.nearest ?? 0) + 0
        if let number, !number.isToldByNearest, !number.isZero {
            keep(number, at: place)
        } else if !exact.isEmpty {
            keep(nil, at: place)
        }
    }

    private mutating func keep(_ number: ExactNumber?, at place: Int) {
        numeralBytes += number?.text.utf8.count ?? 0
        numeralBytes -= exact[place]?.text.utf8.count ?? 0
        exact[place] = number
    }

    /// A number as it was written, or one that is worth the same.
    func number(at place: Int) -> ExactNumber? {
        // Fifteen digits and fewer come back from the double as what they were.
        exact[place] ?? ExactNumber("\(numbers[place])")
    }

    /// The values in another order; missing where the index is negative.
    func rearranged(by sources: [Int32]) -> ProfileColumn {
        var column = ProfileColumn(type)
        switch type {
        case .time, .boolean: column.integers = sources.map { $0 < 0 ? 0 : integers[Int($0)] }
        case .number:
            column.numbers = sources.map { $0 < 0 ? 0 : numbers[Int($0)] }
            if !exact.isEmpty {
                for (place, source) in sources.enumerated() where source >= 0 {
                    if let number = exact[Int(source)] { column.keep(number, at: place) }
                }
            }
        case .text, .list: column.texts = texts.rearranged(by: sources)
        }
        return column
    }
}

/// A list of texts as bytes: before each, four bytes with its length.
enum ListBytes {
    static func encode(_ list: [[UInt8]]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(list.reduce(0) { $0 + $1.count + 4 })
        for text in list {
            let length = UInt32(truncatingIfNeeded: text.count)
            for shift in stride(from: UInt32(0), to: 32, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: length >> shift))
            }
            bytes.append(contentsOf: text)
        }
        return bytes
    }

    /// The first of the texts, which lists are sorted by; the empty one of none.
    static func first(_ bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        guard bytes.count >= 4 else { return bytes }
        let length = length(in: bytes, at: 0)
        return UnsafeBufferPointer(rebasing: bytes[4..<min(4 + length, bytes.count)])
    }

    private static func length(in bytes: UnsafeBufferPointer<UInt8>, at place: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
    }

    /// Whether any of the texts is as wanted.
    static func contains(
        _ bytes: UnsafeBufferPointer<UInt8>, where isWanted: (UnsafeBufferPointer<UInt8>) -> Bool
    ) -> Bool {
        var place = 0
        while place + 4 <= bytes.count {
            let length = length(in: bytes, at: place)
            place += 4
            guard length <= bytes.count - place else { return false }
            if isWanted(UnsafeBufferPointer(rebasing: bytes[place..<place + length])) { return true }
            place += length
        }
        return false
    }
}
