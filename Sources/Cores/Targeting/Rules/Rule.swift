import JSON
import Text

/// One rule, compiled.
struct Rule: Sendable {
    enum Test: Sendable {
        case comparison(Comparison)
        /// Whether the visitor is in an experience, known by id; nil stands for any experience.
        case bucketed(experienceID: String?)
        /// What a condition, known by its code, gave in the browser.
        case condition(code: String)
    }

    let type: RuleType?
    let key: String?
    let test: Test
    let isNegated: Bool
    let asksForExistence: Bool

    /// What looking at any rule takes.
    private static let steps = 64

    /// The steps of its pattern; 0 without one.
    var patternSteps: Int {
        if case .comparison(.regexMatches(let pattern)) = test { pattern.stepCount } else { 0 }
    }

    /// Whether the rule matches.
    ///
    /// A fact of the rule's type comes first. Else a rule that has a key is about the attribute of that name, whatever
    /// its type: that is all the SDKs look at. What cannot be found does not match even when negated, except that
    /// rules about existence say it is not there.
    func matches(_ facts: VisitorFacts, in scope: RuleScope, _ evaluation: RuleEvaluation) -> Bool {
        guard evaluation.spend(Self.steps) else { return false }
        switch test {
        case .comparison(let comparison):
            guard let fact = fact(from: facts, in: scope),
                let holds = comparison.holds(for: fact, evaluation, FactName(scope, type, key))
            else { return false }
            return holds != isNegated
        case .bucketed(let experienceID):
            let isBucketed = experienceID.map { facts.buckets[ClientText($0)] != nil } ?? !facts.buckets.isEmpty
            return isBucketed != isNegated
        case .condition(let code):
            guard let result = facts.scriptConditions[ClientText(code)] else { return false }
            return result != isNegated
        }
    }

    private func fact(from facts: VisitorFacts, in scope: RuleScope) -> FactValue? {
        if let type, let known = facts.value(of: type, key: key) { return known }
        if let key, let attribute = facts.attribute(key, in: scope) { return FactValue(attribute) }
        return asksForExistence ? .missing : nil
    }
}
