/// A set of UTF-16 code units, to be asked for canonical units only (see ``CaseTable``).
struct UnitSet: Sendable {
    /// One bit for each unit of ASCII.
    private var low: UInt64 = 0
    private var high: UInt64 = 0
    /// The ranges outside ASCII, ascending and apart.
    private var ranges: [ClosedRange<UInt16>] = []
    private let isNegated: Bool

    init(_ members: [ClosedRange<UInt16>], negated: Bool = false) {
        isNegated = negated
        // Merged before as well as after: what a hostile class repeats is then looked at once.
        let distinct = Self.merged(members)
        for range in Self.merged(distinct + distinct.flatMap(CaseTable.changes).map { $0...$0 }) {
            for unit in range.lowerBound..<max(range.lowerBound, min(range.upperBound, 0x7F) + 1) {
                if unit < 64 { low |= 1 << UInt64(unit) } else { high |= 1 << UInt64(unit - 64) }
            }
            if range.upperBound >= 0x80 { ranges.append(range) }
        }
    }

    /// The same units in ascending ranges that do not touch.
    private static func merged(_ ranges: [ClosedRange<UInt16>]) -> [ClosedRange<UInt16>] {
        var result: [ClosedRange<UInt16>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = result.last, Int(range.lowerBound) <= Int(last.upperBound) + 1 {
                result[result.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                result.append(range)
            }
        }
        return result
    }

    /// The units 0 to 63 of the set, one bit each.
    var lowBits: UInt64 { isNegated ? ~low : low }

    /// The units 64 to 127 of the set, one bit each.
    var highBits: UInt64 { isNegated ? ~high : high }

    /// Whether the set holds a canonical unit outside ASCII.
    func contains(beyondASCII unit: UInt16) -> Bool {
        var lower = 0
        var upper = ranges.count
        while lower < upper {
            let middle = (lower + upper) / 2
            if ranges[middle].upperBound < unit { lower = middle + 1 } else { upper = middle }
        }
        return (lower < ranges.count && ranges[lower].contains(unit)) != isNegated
    }
}

extension UnitSet {
    static let digits: [ClosedRange<UInt16>] = [0x30...0x39]
    static let words: [ClosedRange<UInt16>] = [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A]
    static let spaces: [ClosedRange<UInt16>] = [
        0x09...0x0D, 0x20...0x20, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029, 0x202F...0x202F,
        0x205F...0x205F, 0x3000...0x3000, 0xFEFF...0xFEFF,
    ]
    static let lineEnds: [ClosedRange<UInt16>] = [0x0A...0x0A, 0x0D...0x0D, 0x2028...0x2029]

    /// Everything that ascending ranges leave out.
    static func complement(of ranges: [ClosedRange<UInt16>]) -> [ClosedRange<UInt16>] {
        var result: [ClosedRange<UInt16>] = []
        var next = 0
        for range in ranges {
            if next < range.lowerBound { result.append(UInt16(next)...(range.lowerBound - 1)) }
            next = Int(range.upperBound) + 1
        }
        if next <= 0xFFFF { result.append(UInt16(next)...0xFFFF) }
        return result
    }
}
