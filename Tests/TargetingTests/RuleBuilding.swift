import JSON

extension JSONValue {
    /// A rule about an attribute, as a tree of its own.
    static func rule(
        key: String, _ matchType: String, _ value: JSONValue, negated: Bool = false
    ) -> JSONValue {
        tree([[[element(key: key, matchType, value, negated: negated)]]])
    }

    /// A rule of a type, as a tree of its own.
    static func rule(
        _ type: RuleTypeName, _ matchType: String, _ value: JSONValue, negated: Bool = false, key: String? = nil
    ) -> JSONValue {
        var rule = element(key: key, matchType, value, negated: negated)
        rule["rule_type"] = .string(type)
        return tree([[[rule]]])
    }

    typealias RuleTypeName = String

    /// One rule.
    static func element(
        key: String?, _ matchType: String, _ value: JSONValue, negated: Bool = false
    ) -> JSONValue {
        var rule: JSONValue = [
            "matching": ["match_type": .string(matchType), "negated": .bool(negated)], "value": value,
        ]
        rule["key"] = key.map { .string($0) }
        return rule
    }

    /// OR blocks of AND blocks of rules.
    static func tree(_ branches: [[[JSONValue]]]) -> JSONValue {
        [
            "OR": .array(
                branches.map { blocks in ["AND": .array(blocks.map { ["OR_WHEN": .array($0)] })] })
        ]
    }
}
