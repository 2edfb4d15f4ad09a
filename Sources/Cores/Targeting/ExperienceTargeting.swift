import Text

/// Who may enter an experience: its audiences, segments and locations, put together as the JavaScript SDK does
/// (`matchRulesByField` of its data manager).
public struct ExperienceTargeting: Sendable {
    private let audiences: [Audience]
    private let audienceMatching: ListMatching
    private let segmentIDs: [ClientText]
    private let location: LocationRestriction

    /// Puts together what restricts an experience.
    ///
    /// - Parameters:
    ///   - audiences: Its audiences that exist; with none it is open to everybody. Those for segmentation count as
    ///     segments.
    ///   - audienceMatching: How many of them must match.
    ///   - segmentIDs: Its segments that exist; a visitor must be in one of them.
    ///   - location: Where it runs.
    public init(
        audiences: [Audience] = [], audienceMatching: ListMatching = .any, segmentIDs: [String] = [],
        location: LocationRestriction = .none
    ) {
        self.audiences = audiences.filter { $0.type != .segmentation }
        self.audienceMatching = audienceMatching
        self.segmentIDs = (segmentIDs + audiences.filter { $0.type == .segmentation }.map(\.id)).map { ClientText($0) }
        self.location = location
    }

    /// Whether a visitor may enter, or stay.
    ///
    /// - Parameters:
    ///   - facts: What is known about the visitor.
    ///   - isBucketed: Whether the visitor is stored in an arm that the experience still has.
    ///   - evaluation: What the work counts for; it tells where there is no answer.
    public func admits(
        _ facts: VisitorFacts, isBucketed: Bool = false, _ evaluation: RuleEvaluation = RuleEvaluation()
    ) -> Bool {
        guard location.admits(facts, evaluation), admitsAudiences(facts, isBucketed: isBucketed, evaluation) else {
            return false
        }
        guard !segmentIDs.isEmpty else { return true }
        return segmentIDs.contains { facts.segments?.contains($0) ?? false }
    }

    private func admitsAudiences(
        _ facts: VisitorFacts, isBucketed: Bool, _ evaluation: RuleEvaluation
    ) -> Bool {
        var isAnyChecked = false
        for audience in audiences where audience.type.isChecked(isBucketed: isBucketed) {
            isAnyChecked = true
            let isMatched = audience.matches(facts, evaluation)
            if isMatched, audienceMatching == .any { return true }
            if !isMatched, audienceMatching == .all { return false }
        }
        // None had to be checked, or all of them matched.
        return !isAnyChecked || audienceMatching == .all
    }
}
