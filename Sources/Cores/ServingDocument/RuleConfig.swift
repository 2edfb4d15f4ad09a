import JSON
import ProjectDocuments

/// Rules as they are served. Both contracts write them alike, with the ids of goals and segments as numbers. Both also
/// let a rule do without saying how it matches; the SDKs take such a rule for invalid, so that what goes without saying
/// is said.
enum RuleConfig {
    /// The types of rules that can be matched in one way only (contract schema `ChoiceMatchingOptions`).
    private static let choices: Set<String> = [
        "bucketed_into_experience", "bucketed_into_experience_key", "bucketed_into_segment", "browser_name", "country",
        "generic_bool_key_value",
        "goal_triggered", "is_desktop", "is_mobile", "is_tablet", "js_condition", "language", "os",
        "visitor_data_exists", "visitor_type",
    ]

    /// A tree of rules (contract schema `RuleObject`); null when there is none.
    static func tree(_ tree: JSONValue?) -> JSONValue {
        RuleDocument.mapping(tree) { rule($0, isNegated: false) } ?? .null
    }

    /// The legacy rules for pages as a tree: any of those included and none of those excluded; nil when there are none.
    static func siteArea(_ area: JSONValue?) -> JSONValue? {
        if let tree = RuleDocument.mapping(area, { rule($0, isNegated: false) }) { return tree }
        let included = area?["include"]?.array ?? []
        var blocks: [[JSONValue]] = included.isEmpty ? [] : [included.map { rule($0, isNegated: false) }]
        blocks += (area?["exclude"]?.array ?? []).map { [rule($0, isNegated: true)] }
        guard !blocks.isEmpty else { return nil }
        return ["OR": [["AND": .array(blocks.map { ["OR_WHEN": .array($0)] })]]]
    }

    /// A rule that says how it matches: as it does, or the other way round. What is no object stays.
    private static func rule(_ value: JSONValue, isNegated: Bool) -> JSONValue {
        guard let members = value.object else { return value }
        var rule = RuleElement(members)
        var matching = rule.matching
        if matching.matchType == nil, choices.contains(rule.ruleType ?? "") { matching.matchType = "equals" }
        matching.isNegated = matching.isNegated != isNegated
        rule.matching = matching
        // Typed SDKs know lists as one text only, and all others read that as well.
        if let elements = rule.value?.array {
            rule.value = .string(elements.map { $0.string ?? $0.encodedString }.joined(separator: "|"))
        }
        return rule.json
    }
}
