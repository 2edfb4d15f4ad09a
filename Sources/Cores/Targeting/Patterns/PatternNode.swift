/// A regular expression, taken apart.
indirect enum PatternNode {
    case empty
    case unit(UnitSet)
    case sequence([PatternNode])
    case alternatives([PatternNode])
    /// A group that captures, by its number from 1 on.
    case group(PatternNode, Int)
    /// What one of these groups matched: only of a name that several groups have there is more than one.
    case reference([Int])
    case repeated(PatternNode, minimum: Int, maximum: Int?, isLazy: Bool)
    case assertion(PatternAssertion)
    case look(PatternNode, isAhead: Bool, isNegated: Bool)

    /// Whether it refers back to a group.
    var refersBack: Bool {
        switch self {
        case .reference: true
        case .empty, .unit, .assertion: false
        case .sequence(let nodes), .alternatives(let nodes): nodes.contains(where: \.refersBack)
        case .group(let node, _), .repeated(let node, _, _, _), .look(let node, _, _): node.refersBack
        }
    }

    /// The numbers of the groups in it; nil when there are none.
    var groups: ClosedRange<Int>? {
        switch self {
        case .empty, .unit, .assertion, .reference: return nil
        case .sequence(let nodes), .alternatives(let nodes):
            let ranges = nodes.compactMap(\.groups)
            guard let first = ranges.first, let last = ranges.last else { return nil }
            return first.lowerBound...last.upperBound
        case .group(let node, let number): return number...(node.groups?.upperBound ?? number)
        case .repeated(let node, _, _, _), .look(let node, _, _): return node.groups
        }
    }

    /// Whether every match starts at the start of the text.
    var isAnchored: Bool {
        switch self {
        case .assertion(let assertion): assertion == .start
        case .sequence(let nodes): nodes.first?.isAnchored ?? false
        case .group(let node, _): node.isAnchored
        case .alternatives(let nodes): nodes.allSatisfy(\.isAnchored)
        default: false
        }
    }
}

/// What a regular expression asks of a place in the text.
enum PatternAssertion: Sendable {
    case start
    case end
    case wordBoundary
    case noWordBoundary
}

/// Why a text is not a pattern that can be evaluated.
enum PatternError: Error, Hashable {
    /// What JavaScript calls a syntax error.
    case invalid
    /// Too long, too deep, or with too many repetitions.
    case tooLarge
}
