/// Which characters are one when case does not matter: `Canonicalize` of ECMA-262 for patterns without the u flag,
/// that is, the upper case of a UTF-16 code unit, if that is one unit too and does not turn a letter into ASCII.
enum CaseTable {
    /// The canonical unit for every unit.
    private static let canonical: [UInt16] = (0...UInt16.max).map { unit in
        guard let scalar = Unicode.Scalar(unit), scalar.properties.changesWhenUppercased else { return unit }
        let upper = Array(scalar.properties.uppercaseMapping.utf16)
        guard upper.count == 1, unit < 0x80 || upper[0] >= 0x80 else { return unit }
        return upper[0]
    }

    /// The units that are not their own canonical unit, ascending.
    private static let changing: [UInt16] = (0...UInt16.max).filter { canonical[Int($0)] != $0 }

    /// The unit that stands for all that are equal to this one.
    static func canonical(_ unit: UInt16) -> UInt16 {
        if unit < 0x80 { return unit &- 0x61 < 26 ? unit - 0x20 : unit }
        return canonical[Int(unit)]
    }

    /// The canonical units of those in a range that have another one than themselves.
    static func changes(in range: ClosedRange<UInt16>) -> [UInt16] {
        var low = 0
        var high = changing.count
        while low < high {
            let middle = (low + high) / 2
            if changing[middle] < range.lowerBound { low = middle + 1 } else { high = middle }
        }
        return changing[low...].prefix { $0 <= range.upperBound }.map(canonical)
    }
}
