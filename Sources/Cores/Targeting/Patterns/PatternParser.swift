/// Reads a regular expression as JavaScript does without the u and v flags (ECMA-262 with its annex B).
struct PatternParser {
    private static let deepest = 64

    let units: [UInt16]
    var position = 0
    let groupCount: Int
    /// The names of groups with their numbers.
    let groupNames: [(name: GroupName, number: Int)]
    private var depth = 0
    private var groupsBegun = 0
    /// Names of groups that may be matched together with what comes next.
    private var namesBefore: Set<GroupName> = []

    /// The name of a group, escapes read.
    typealias GroupName = [Unicode.Scalar]

    private init(_ pattern: String) {
        units = Array(pattern.utf16)
        (groupCount, groupNames) = Self.groups(in: units)
    }

    /// The pattern taken apart, and how many groups it has.
    static func parse(_ pattern: String) throws(PatternError) -> (node: PatternNode, groupCount: Int) {
        var parser = PatternParser(pattern)
        let node = try parser.alternatives()
        guard parser.position == parser.units.count else { throw .invalid }
        return (node, parser.groupCount)
    }

    private mutating func alternatives() throws(PatternError) -> PatternNode {
        depth += 1
        guard depth <= Self.deepest else { throw .tooLarge }
        // Only one alternative is matched: what the others hold may have the same names.
        let before = namesBefore
        var branches = [try sequence()]
        var after = namesBefore
        while take("|") {
            namesBefore = before
            branches.append(try sequence())
            after.formUnion(namesBefore)
        }
        namesBefore = after
        depth -= 1
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence() throws(PatternError) -> PatternNode {
        var nodes: [PatternNode] = []
        while let unit = peek(), unit != UInt16(ascii: "|"), unit != UInt16(ascii: ")") {
            nodes.append(try term())
        }
        return nodes.count == 1 ? nodes[0] : nodes.isEmpty ? .empty : .sequence(nodes)
    }

    private mutating func term() throws(PatternError) -> PatternNode {
        let node = try atom()
        guard let (minimum, maximum, isLazy) = try quantifier() else { return node }
        switch node {
        case .assertion, .look(_, isAhead: false, isNegated: _): throw .invalid
        default: return .repeated(node, minimum: minimum, maximum: maximum, isLazy: isLazy)
        }
    }

    private mutating func atom() throws(PatternError) -> PatternNode {
        let start = position
        let unit = units[position]
        position += 1
        switch unit {
        case UInt16(ascii: "^"): return .assertion(.start)
        case UInt16(ascii: "$"): return .assertion(.end)
        case UInt16(ascii: "."): return .unit(UnitSet(UnitSet.lineEnds, negated: true))
        case UInt16(ascii: "("): return try group()
        case UInt16(ascii: "["): return .unit(try unitClass())
        case UInt16(ascii: "\\"): return try escape()
        case UInt16(ascii: "*"), UInt16(ascii: "+"), UInt16(ascii: "?"): throw .invalid
        case UInt16(ascii: "{"):
            // A brace is itself unless it could be read as a quantifier, which would then have nothing before it.
            position = start
            if try quantifier() != nil { throw .invalid }
            position = start + 1
            return .unit(UnitSet([unit...unit]))
        default: return .unit(UnitSet([unit...unit]))
        }
    }

    private mutating func group() throws(PatternError) -> PatternNode {
        var look: (isAhead: Bool, isNegated: Bool)?
        var captures = true
        if take("?") {
            captures = false
            if take(":") {
            } else if take("=") {
                look = (true, false)
            } else if take("!") {
                look = (true, true)
            } else if take("<") {
                if take("=") {
                    look = (false, false)
                } else if take("!") {
                    look = (false, true)
                } else {
                    guard namesBefore.insert(try groupName()).inserted else { throw .invalid }
                    captures = true
                }
            } else {
                throw .invalid
            }
        }
        if captures { groupsBegun += 1 }
        let number = groupsBegun
        let node = try alternatives()
        guard take(")") else { throw .invalid }
        // Kept apart from what it holds: an assertion in a group may be repeated, one without may not.
        guard let look else { return captures ? .group(node, number) : .sequence([node]) }
        return .look(node, isAhead: look.isAhead, isNegated: look.isNegated)
    }

    /// A quantifier, if one stands here. Whether it is lazy matters to nothing but what groups match on the way.
    private mutating func quantifier() throws(PatternError) -> (minimum: Int, maximum: Int?, isLazy: Bool)? {
        var bounds: (Int, Int?)?
        if take("*") {
            bounds = (0, nil)
        } else if take("+") {
            bounds = (1, nil)
        } else if take("?") {
            bounds = (0, 1)
        } else if peek() == UInt16(ascii: "{") {
            let start = position
            position += 1
            bounds = braces()
            if bounds == nil { position = start }
        }
        guard let bounds else { return nil }
        if let maximum = bounds.1, maximum < bounds.0 { throw .invalid }
        return (bounds.0, bounds.1, take("?"))
    }

    private mutating func braces() -> (Int, Int?)? {
        guard let minimum = digits() else { return nil }
        if take("}") { return (minimum, minimum) }
        guard take(",") else { return nil }
        if take("}") { return (minimum, nil) }
        guard let maximum = digits(), take("}") else { return nil }
        return (minimum, maximum)
    }

    private mutating func digits() -> Int? {
        let start = position
        var number = 0
        while let unit = peek(), (0x30...0x39).contains(unit) {
            number = min(number * 10 + Int(unit - 0x30), 1 << 40)
            position += 1
        }
        return position > start ? number : nil
    }

    func peek() -> UInt16? { position < units.count ? units[position] : nil }

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek() == UInt16(ascii: scalar) else { return false }
        position += 1
        return true
    }
}

extension UInt16 {
    init(ascii scalar: Unicode.Scalar) { self = UInt16(UInt8(ascii: scalar)) }
}
