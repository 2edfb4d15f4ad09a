public import JSON

/// The rules of an audience, a location, a segment, a goal or a site area (`RuleObject` of the contracts), compiled
/// once to be evaluated for many visitors.
///
/// A tree has three levels: one of the `OR` blocks must match, in it all of the `AND` blocks, in each of these one of
/// the rules under `OR_WHEN`. A block without elements does not match.
///
/// ```swift
/// let tree = RuleTree(rules)
/// let isMatched = tree.matches(VisitorFacts(attributes: ["plan": "gold"]))
/// ```
///
/// Compiling never fails, as the SDKs never do: what cannot be evaluated does not match and is listed in ``defects``.
public struct RuleTree: Sendable {
    /// Most defects that are kept.
    static let mostDefects = 100

    /// What can never match, in order; the first hundred.
    public let defects: [RuleDefect]

    /// For each `OR` block its `AND` blocks, and for each of those its rules. Blocks that cannot match are left out.
    private let branches: [[[Rule]]]

    /// Whether there are more rules, or larger patterns, than are ever evaluated (``RuleLimits``).
    public let isTooLarge: Bool

    /// Compiles rules. Anything but an object, null included, gives a tree that matches nobody.
    public init(_ rules: JSONValue) {
        var compiler = RuleCompiler()
        let compiled = compiler.branches(of: rules)
        isTooLarge = compiler.isTooLarge
        branches = isTooLarge ? [] : compiled
        defects = compiler.defects
    }

    /// Whether the rules match.
    /// - Parameter evaluation: what the work counts for; it tells where there is no answer.
    public func matches(
        _ facts: VisitorFacts, in scope: RuleScope = .visitor, _ evaluation: RuleEvaluation = RuleEvaluation()
    ) -> Bool {
        if isTooLarge { evaluation.giveUp() }
        return branches.contains { blocks in
            blocks.allSatisfy { rules in
                rules.contains { !evaluation.hasNoAnswer && $0.matches(facts, in: scope, evaluation) }
            }
        }
    }
}
