extension PatternParser {
    /// What follows a backslash outside a class.
    mutating func escape() throws(PatternError) -> PatternNode {
        guard let unit = peek() else { throw .invalid }
        switch unit {
        case UInt16(ascii: "b"):
            position += 1
            return .assertion(.wordBoundary)
        case UInt16(ascii: "B"):
            position += 1
            return .assertion(.noWordBoundary)
        case UInt16(ascii: "k") where !groupNames.isEmpty:
            position += 1
            guard take("<") else { throw .invalid }
            let name = try groupName()
            let groups = groupNames.filter { $0.name == name }.map(\.number)
            guard !groups.isEmpty else { throw .invalid }
            return .reference(groups)
        case 0x31...0x39:
            let start = position
            var number = 0
            while let digit = peek(), (0x30...0x39).contains(digit) {
                number = min(number * 10 + Int(digit - 0x30), units.count + 1)
                position += 1
            }
            if number <= groupCount { return .reference([number]) }
            position = start
        default: break
        }
        return .unit(UnitSet(try escapedMember(inClass: false).ranges))
    }

    /// What stands between brackets, behind the first.
    mutating func unitClass() throws(PatternError) -> UnitSet {
        let isNegated = take("^")
        var members: [ClosedRange<UInt16>] = []
        while !take("]") {
            let first = try classMember()
            guard peek() == UInt16(ascii: "-"), position + 1 < units.count, units[position + 1] != UInt16(ascii: "]")
            else {
                members += first.ranges
                continue
            }
            position += 1
            let last = try classMember()
            if let low = first.unit, let high = last.unit {
                guard low <= high else { throw .invalid }
                members.append(low...high)
            } else {
                members += first.ranges + last.ranges + [0x2D...0x2D]
            }
        }
        return UnitSet(members, negated: isNegated)
    }

    private mutating func classMember() throws(PatternError) -> Member {
        guard let unit = peek() else { throw .invalid }
        position += 1
        return unit == UInt16(ascii: "\\") ? try escapedMember(inClass: true) : Member(unit)
    }

    /// A unit, or a set that has a letter of its own.
    struct Member {
        let ranges: [ClosedRange<UInt16>]
        /// The unit, when it is one and may bound a range.
        let unit: UInt16?

        init(_ unit: UInt16) {
            ranges = [unit...unit]
            self.unit = unit
        }

        init(_ ranges: [ClosedRange<UInt16>]) {
            self.ranges = ranges
            unit = nil
        }
    }

    private mutating func escapedMember(inClass: Bool) throws(PatternError) -> Member {
        guard let unit = peek() else { throw .invalid }
        position += 1
        if (0x30...0x37).contains(unit) { return Member(octal(first: unit)) }
        switch Unicode.Scalar(unit) {
        case "d"?: return Member(UnitSet.digits)
        case "D"?: return Member(UnitSet.complement(of: UnitSet.digits))
        case "w"?: return Member(UnitSet.words)
        case "W"?: return Member(UnitSet.complement(of: UnitSet.words))
        case "s"?: return Member(UnitSet.spaces)
        case "S"?: return Member(UnitSet.complement(of: UnitSet.spaces))
        case "t"?: return Member(0x09)
        case "n"?: return Member(0x0A)
        case "v"?: return Member(0x0B)
        case "f"?: return Member(0x0C)
        case "r"?: return Member(0x0D)
        case "b"? where inClass: return Member(0x08)
        // With names it begins a reference, which no class can hold.
        case "k"? where !groupNames.isEmpty: throw .invalid
        case "c"?: return control(inClass: inClass)
        case "x"?: return Member(hexadecimal(digits: 2) ?? unit)
        case "u"?: return Member(hexadecimal(digits: 4) ?? unit)
        default: return Member(unit)
        }
    }

    /// `\cJ` is a control character; where no letter follows, the backslash is itself and the c is read again.
    private mutating func control(inClass: Bool) -> Member {
        if let unit = peek() {
            let isLetter = (0x41...0x5A).contains(unit & ~0x20)
            if unit < 0x80, isLetter || inClass && UnitSet.words.contains(where: { $0.contains(unit) }) {
                position += 1
                return Member(unit % 32)
            }
        }
        position -= 1
        return Member(UInt16(ascii: "\\"))
    }

    private mutating func hexadecimal(digits count: Int) -> UInt16? {
        guard position + count <= units.count,
            let value = Self.hexadecimal(units[position..<(position + count)])
        else { return nil }
        position += count
        return UInt16(value)
    }

    /// Up to three octal digits, as long as they stay within 255.
    private mutating func octal(first: UInt16) -> UInt16 {
        var value = first - 0x30
        var count = 1
        while count < 3, let unit = peek(), (0x30...0x37).contains(unit), value * 8 + unit - 0x30 <= 0xFF {
            value = value * 8 + unit - 0x30
            position += 1
            count += 1
        }
        return value
    }
}
