public import JSON

/// The rules of audiences, locations and goals (contract schema `RuleObject`): one of the branches (`OR`) must match, of that all
/// blocks (`AND`), of each block one rule (`OR_WHEN`).
public enum RuleDocument {
    /// All rules of a tree, in order.
    public static func rules(_ tree: JSONValue?) -> [RuleElement] {
        var rules: [RuleElement] = []
        for branch in tree?["OR"]?.array ?? [] {
            for block in branch["AND"]?.array ?? [] {
                rules += (block["OR_WHEN"]?.array ?? []).map { RuleElement($0) }
            }
        }
        return rules
    }

    /// The same tree with other rules; nil for what is no tree. What is no branch, block or list of rules stays.
    public static func mapping(_ tree: JSONValue?, _ change: (JSONValue) -> JSONValue) -> JSONValue? {
        guard var tree, let branches = tree["OR"]?.array else { return nil }
        tree["OR"] = .array(
            branches.map { branch in
                guard let blocks = branch["AND"]?.array else { return branch }
                var branch = branch
                branch["AND"] = .array(
                    blocks.map { block in
                        guard let rules = block["OR_WHEN"]?.array else { return block }
                        var block = block
                        block["OR_WHEN"] = .array(rules.map(change))
                        return block
                    })
                return branch
            })
        return tree
    }
}

/// One rule (contract schema `RuleElement`).
public struct RuleElement: DocumentView {
    public var members: JSONObject

    public init(_ members: JSONObject) { self.members = members }

    /// What it asks about, as it is written; nil where it does not say.
    public var ruleType: String? { members["rule_type"]?.string }
    /// What it compares with.
    public var value: JSONValue? {
        get { members["value"] }
        set { members["value"] = newValue }
    }
    /// The id that it compares with, as a number or as its text.
    public var valueID: Int64? { value.flatMap { $0.int64 ?? $0.string.flatMap { Int64($0) } } }
    /// How it compares.
    public var matching: RuleMatching {
        get { RuleMatching(members["matching"]) }
        set { members["matching"] = newValue.json }
    }
}

/// How a rule compares (contract member `matching`).
public struct RuleMatching: DocumentView {
    public var members: JSONObject

    public init(_ members: JSONObject) { self.members = members }

    /// The kind of comparison (`match_type`).
    public var matchType: JSONValue? {
        get { members["match_type"] }
        set { members["match_type"] = newValue }
    }
    /// Whether it is the other way round.
    public var isNegated: Bool {
        get { members["negated"]?.bool ?? false }
        set { members["negated"] = .bool(newValue) }
    }
}

/// The older rules for pages (contract member `site_area`): one of those included must match, and none of those excluded.
public struct SiteAreaDocument: DocumentView {
    public var members: JSONObject

    public init(_ members: JSONObject) { self.members = members }

    public var include: [RuleElement] { list("include") }
    public var exclude: [RuleElement] { list("exclude") }
}
