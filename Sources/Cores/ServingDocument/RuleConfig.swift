import JSON

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
        guard var tree, let branches = tree["OR"]?.array else { return .null }
        tree["OR"] = .array(
            branches.map { branch in
                guard let blocks = branch["AND"]?.array else { return branch }
                var branch = branch
                branch["AND"] = .array(
                    blocks.map { block in
                        guard let rules = block["OR_WHEN"]?.array else { return block }
                        var block = block
                        block["OR_WHEN"] = .array(rules.map { rule($0, isNegated: false) })
                        return block
                    })
                return branch
            })
        return tree
    }

    /// The legacy rules for pages as a tree: any of those included and none of those excluded; nil when there are none.
    static func siteArea(_ area: JSONValue?) -> JSONValue? {
        if area?["OR"]?.array != nil { return tree(area) }
        let included = area?["include"]?.array ?? []
        var blocks: [[JSONValue]] = included.isEmpty ? [] : [included.map { rule($0, isNegated: false) }]
        blocks += (area?["exclude"]?.array ?? []).map { [rule($0, isNegated: true)] }
        guard !blocks.isEmpty else { return nil }
        return ["OR": [["AND": .array(blocks.map { ["OR_WHEN": .array($0)] })]]]
    }

    /// A rule that says how it matches: as it does, or the other way round.
    private static func rule(_ rule: JSONValue, isNegated: Bool) -> JSONValue {
        guard rule.object != nil else { return rule }
        var rule = rule
        var matching = rule["matching"]?.object ?? JSONObject()
        if matching["match_type"] == nil, choices.contains(rule["rule_type"]?.string ?? "") {
            matching["match_type"] = "equals"
        }
        matching["negated"] = .bool((matching["negated"]?.bool ?? false) != isNegated)
        rule["matching"] = .object(matching)
        // Typed SDKs know lists as one text only, and all others read that as well.
        if let elements = rule["value"]?.array {
            rule["value"] = .string(elements.map { $0.string ?? $0.encodedString }.joined(separator: "|"))
        }
        return rule
    }
}
