public import JSON
import Text

/// A permanent or transient audience (`ConfigAudience` of the serving contract), compiled.
public struct Audience: Sendable {
    /// The audience's id.
    public let id: String
    /// When the audience is asked for.
    public let type: AudienceType
    /// Rules that can never match; see ``RuleDefect``.
    public var defects: [RuleDefect] {
        if case .rules(let tree) = condition { tree.defects } else { [] }
    }

    private enum Condition: Sendable {
        case rules(RuleTree)
        /// Mutual exclusion: whether the visitor is in an experience; nil when there is no such experience.
        case bucketed(experienceID: String?, isNegated: Bool)
        case nobody
    }

    private let condition: Condition

    /// Compiles an audience.
    ///
    /// - Parameters:
    ///   - id: The audience's id.
    ///   - type: When it is asked for.
    ///   - rules: Its rules; one without rules matches nobody.
    ///   - experienceID: The id of the served experience with a key, for rules of the type
    ///     `bucketed_into_experience_key`.
    public init(
        id: String, type: AudienceType, rules: JSONValue?, experienceID: (_ key: String) -> String? = { _ in nil }
    ) {
        self.id = id
        self.type = type
        switch rules {
        case .object(_)?:
            let rules = rules ?? .null
            if let exclusion = Self.exclusion(in: rules) {
                condition = .bucketed(
                    experienceID: experienceID((exclusion["value"] ?? .null).scriptText),
                    isNegated: exclusion["matching"]?["negated"]?.bool ?? false)
            } else {
                condition = .rules(RuleTree(rules))
            }
        default: condition = .nobody
        }
    }

    /// Whether the visitor belongs to the audience.
    /// - Parameter evaluation: what the work counts for.
    public func matches(_ facts: VisitorFacts, _ evaluation: RuleEvaluation = RuleEvaluation()) -> Bool {
        switch condition {
        case .rules(let tree): tree.matches(facts, in: .visitor, evaluation)
        case .bucketed(let experienceID, let isNegated):
            (experienceID.map { facts.buckets[ClientText($0)] != nil } ?? false) != isNegated
        case .nobody: false
        }
    }

    /// The first rule of mutual exclusion. As in the JavaScript SDK it decides alone, whatever else the tree holds.
    private static func exclusion(in rules: JSONValue) -> JSONValue? {
        for branch in rules["OR"]?.array ?? [] {
            for block in branch["AND"]?.array ?? [] {
                for rule in block["OR_WHEN"]?.array ?? []
                where rule["rule_type"]?.string == RuleType.bucketedIntoExperienceKey.rawValue {
                    return rule
                }
            }
        }
        return nil
    }
}
