/// Something in a rule tree that can never match, and where it stands.
///
/// The SDKs pass over such things in silence, and so does ``RuleTree``; an editor of rules can show them.
public struct RuleDefect: Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    public enum Reason: Sendable, Hashable {
        /// The block is not an object with a list of this name that holds at least one element.
        case noElements(String)
        /// The rule is not an object.
        case notAnObject
        /// `matching` is missing or not an object.
        case noMatching
        /// `matching.match_type` is missing or not a string.
        case noMatchType
        /// No SDK knows this `matching.match_type`.
        case unknownMatchType(String)
        /// `matching.negated` is missing or not a boolean. The JavaScript SDK never matches such a rule, while the
        /// Python SDK takes it as false.
        case noNegation
        /// `value` is missing although the match type compares.
        case noValue
        /// The rule is about an attribute and does not name it in `key`, or has a type that is not known and no key.
        case noKey
        /// `value` is not a regular expression.
        case invalidPattern
        /// `value` is too long, too deep, or repeats too much once its repetitions are written out.
        case patternTooLarge
    }

    /// Where, such as `OR[0].AND[1].OR_WHEN[2]`.
    public let path: String
    /// What is wrong.
    public let reason: Reason

    /// A sentence that names the place and the way out.
    public var description: String { "\(path.isEmpty ? "rules" : path): \(explanation)" }

    private var explanation: String {
        switch reason {
        case .noElements(let name): "has no elements in \(name); give it a list of at least one"
        case .notAnObject: "is not an object; write a rule with rule_type, matching and value"
        case .noMatching: "has no matching; give it an object with match_type and negated"
        case .noMatchType: "has no matching.match_type; give it a string"
        case .unknownMatchType(let name):
            "has the unknown matching.match_type \"\(name)\"; use one of "
                + MatchType.allCases.map(\.rawValue).joined(separator: ", ")
        case .noNegation: "has no matching.negated; give it true or false"
        case .noValue: "has no value; give it one, or use exists or doesNotExist"
        case .noKey: "has no key; name the attribute, or use a known rule_type"
        case .invalidPattern: "has a value that is not a regular expression of JavaScript; correct it"
        case .patternTooLarge: "has a regular expression that is too large; split it over several rules"
        }
    }

    init(path: String, reason: Reason) {
        self.path = path
        self.reason = reason
    }
}

extension RuleDefect.Reason {
    init(_ error: PatternError) {
        self =
            switch error {
            case .invalid: .invalidPattern
            case .tooLarge: .patternTooLarge
            }
    }
}
