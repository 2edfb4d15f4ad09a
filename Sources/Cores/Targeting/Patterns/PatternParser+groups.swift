extension PatternParser {
    /// The name of a group up to its bracket.
    mutating func groupName() throws(PatternError) -> GroupName {
        guard let (name, end) = Self.groupName(in: units, from: position) else { throw .invalid }
        position = end
        return name
    }

    /// How many groups a pattern captures: an escaped number up to that is a reference, above it a character.
    static func groups(
        in units: [UInt16]
    ) -> (count: Int, names: [(name: GroupName, number: Int)]) {
        var count = 0
        var names: [(name: GroupName, number: Int)] = []
        var inClass = false
        var place = 0
        func at(_ offset: Int) -> UInt16? { place + offset < units.count ? units[place + offset] : nil }
        while place < units.count {
            switch units[place] {
            case UInt16(ascii: "\\"): place += 1
            case UInt16(ascii: "["): inClass = true
            case UInt16(ascii: "]"): inClass = false
            case UInt16(ascii: "(") where !inClass:
                let isPlain = at(1) != UInt16(ascii: "?")
                let isNamed =
                    !isPlain && at(2) == UInt16(ascii: "<") && at(3) != UInt16(ascii: "=")
                    && at(3) != UInt16(ascii: "!")
                if isPlain || isNamed { count += 1 }
                if isNamed {
                    // One that cannot be read is refused where the group is.
                    names.append((groupName(in: units, from: place + 3)?.name ?? [], count))
                }
            default: break
            }
            place += 1
        }
        return (count, names)
    }

    /// The name that begins here, and the place behind its bracket; nil when there is none.
    private static func groupName(in units: [UInt16], from start: Int) -> (name: GroupName, end: Int)? {
        var name: GroupName = []
        var place = start
        while place < units.count {
            if units[place] == UInt16(ascii: ">") { return name.isEmpty ? nil : (name, place + 1) }
            guard let scalar = nameScalar(in: units, at: &place),
                name.isEmpty ? scalar.beginsGroupName : scalar.continuesGroupName
            else { return nil }
            name.append(scalar)
        }
        return nil
    }

    /// A character of a name: itself, `\u0061`, `\u{61}`, or the two halves of one beyond 16 bits, each escaped.
    private static func nameScalar(in units: [UInt16], at place: inout Int) -> Unicode.Scalar? {
        guard let first = nameUnit(in: units, at: &place) else { return nil }
        guard (0xD800...0xDBFF).contains(first.value) else { return Unicode.Scalar(first.value) }
        guard let second = nameUnit(in: units, at: &place), second.isEscaped == first.isEscaped,
            (0xDC00...0xDFFF).contains(second.value)
        else { return nil }
        return Unicode.Scalar(0x10000 + (first.value - 0xD800) << 10 + (second.value - 0xDC00))
    }

    private static func nameUnit(in units: [UInt16], at place: inout Int) -> (value: UInt32, isEscaped: Bool)? {
        guard place < units.count else { return nil }
        guard units[place] == UInt16(ascii: "\\") else {
            place += 1
            return (UInt32(units[place - 1]), false)
        }
        guard place + 2 < units.count, units[place + 1] == UInt16(ascii: "u") else { return nil }
        var digits = units[(place + 2)...].prefix(4)
        if digits.first == UInt16(ascii: "{") {
            digits = units[(place + 3)...].prefix { $0 != UInt16(ascii: "}") }
            // The leading zeros may be many.
            guard digits.endIndex < units.count else { return nil }
            place = digits.endIndex + 1
        } else {
            guard digits.count == 4 else { return nil }
            place = digits.endIndex
        }
        guard let value = hexadecimal(digits) else { return nil }
        return (value, true)
    }

    /// Digits as a code point; nil when they are none.
    static func hexadecimal(_ digits: ArraySlice<UInt16>) -> UInt32? {
        guard !digits.isEmpty else { return nil }
        var value: UInt32 = 0
        for unit in digits {
            guard let scalar = Unicode.Scalar(unit), scalar.isASCII, let digit = Character(scalar).hexDigitValue
            else { return nil }
            value = value << 4 | UInt32(digit)
            guard value <= 0x10FFFF else { return nil }
        }
        return value
    }
}

extension Unicode.Scalar {
    /// Whether JavaScript lets the name of a group begin with it.
    fileprivate var beginsGroupName: Bool { self == "$" || self == "_" || properties.isIDStart }

    /// Whether JavaScript lets it stand in the name of a group.
    fileprivate var continuesGroupName: Bool {
        beginsGroupName || properties.isIDContinue || self == "\u{200C}" || self == "\u{200D}"
    }
}
