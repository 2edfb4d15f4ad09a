/// Where an experience runs.
public enum LocationRestriction: Sendable {
    /// Everywhere.
    case none
    /// Where one of these locations matches, or, with `.all`, every one. The SDKs know `.any` only. An experience whose
    /// locations are all gone runs nowhere, so the list may be empty.
    case locations([RuleTree], ListMatching)
    /// Where the older rules of the experience itself match; asked for only when it has no locations.
    case siteArea(RuleTree)

    /// Whether the experience runs where the visitor is.
    /// - Parameter evaluation: what the work counts for.
    public func admits(_ facts: VisitorFacts, _ evaluation: RuleEvaluation = RuleEvaluation()) -> Bool {
        switch self {
        case .none: true
        case .locations(let trees, let matching):
            !trees.isEmpty && matching.isSatisfied(by: trees) { $0.matches(facts, in: .location, evaluation) }
        case .siteArea(let tree): tree.matches(facts, in: .location, evaluation)
        }
    }
}
