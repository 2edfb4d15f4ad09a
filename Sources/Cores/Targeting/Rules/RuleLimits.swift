public import JSON

/// How large the rules of one goal, audience, location or experience may be. What is larger is refused where it is saved;
/// a tree that was stored all the same is not evaluated.
public enum RuleLimits {
    /// The most rules.
    public static let maximumRules = 2_000
    /// The most bytes of the rules as JSON.
    public static let maximumBytes = 256 * 1_024
    /// The most steps of all patterns of a tree together; a pattern alone has its own limit.
    public static let maximumPatternSteps = 200_000

    /// What is too much about rules, as the end of a sentence about them; nil when nothing is.
    public static func excess(of rules: JSONValue) -> String? {
        let bytes = rules.encoded().count
        guard bytes <= maximumBytes else { return "takes \(bytes) bytes as JSON; at most \(maximumBytes) are allowed" }
        let count = count(of: rules)
        guard count <= maximumRules else { return "has \(count) rules; at most \(maximumRules) are allowed" }
        return nil
    }

    /// Everything that says how it matches is a rule, wherever it stands.
    private static func count(of value: JSONValue) -> Int {
        switch value {
        case .array(let elements): elements.reduce(0) { $0 + count(of: $1) }
        case .object(let members):
            members["matching"] == nil ? members.members.reduce(0) { $0 + count(of: $1.value) } : 1
        default: 0
        }
    }
}
