/// A regular expression, taken apart.
indirect enum PatternNode {
    case empty
    case unit(UnitSet)
    case sequence([PatternNode])
    case alternatives([PatternNode])
    case repeated(PatternNode, minimum: Int, maximum: Int?)
    case assertion(PatternAssertion)
    case look(PatternNode, isAhead: Bool, isNegated: Bool)

    /// Whether every match starts at the start of the text.
    var isAnchored: Bool {
        switch self {
        case .assertion(let assertion): assertion == .start
        case .sequence(let nodes): nodes.first?.isAnchored ?? false
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
    /// A reference to a group, which no linear method can follow.
    case backreference
    /// Too long, too deep, or with too many repetitions.
    case tooLarge
}
