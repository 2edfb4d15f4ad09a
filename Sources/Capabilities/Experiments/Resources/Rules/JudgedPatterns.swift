package import JSON
import ProjectDocuments
import Targeting
import Text

/// What is known of the regular expressions of rules. Compiling them takes longer than anybody else who writes should
/// wait, so that it is done before the transaction.
package struct JudgedPatterns: Sendable {
    private var judged: [ClientText: RulePattern] = [:]

    /// Nothing is known yet: each is compiled when it is asked for.
    package init() {}

    /// Knows those of some documents, as far as ``RuleCheck`` looks at them.
    package init(of documents: [JSONObject]) async {
        for document in documents {
            for member in ResourceService.ruleMembers {
                guard let rules = document[member], RuleLimits.excess(of: rules) == nil else { continue }
                await judge(Self.patterns(in: rules))
            }
        }
    }

    /// How many are known.
    var count: Int { judged.count }

    subscript(pattern: String) -> RulePattern { judged[ClientText(pattern)] ?? RulePattern(pattern) }

    /// Patterns compiled before others get their turn.
    private static let patternsAtOnce = 16

    private mutating func judge(_ patterns: [String]) async {
        var (steps, defects) = (0, 0)
        for (number, text) in patterns.enumerated() {
            guard steps <= RuleLimits.maximumPatternSteps, defects < RuleCheck.mostFindings else { return }
            if number % Self.patternsAtOnce == Self.patternsAtOnce - 1 { await Task.yield() }
            let pattern = self[text]
            judged[ClientText(text)] = pattern
            steps += pattern.steps
            defects += pattern.defect == nil ? 0 : 1
        }
    }

    private static func patterns(in value: JSONValue) -> [String] {
        switch value {
        case .array(let elements): elements.flatMap(patterns)
        case .object(let members):
            if members["matching"] == nil {
                members.flatMap { patterns(in: $0.value) }
            } else {
                RuleCheck.pattern(of: RuleElement(members)).map { [$0] } ?? []
            }
        default: []
        }
    }
}
