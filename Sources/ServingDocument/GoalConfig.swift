import JSON

/// Goals as they are served (contract schema `ConfigGoal`).
///
/// The contract's `ConfigGoalBase` calls `type` a list while each kind of goal says it is one word, which also tells the
/// kinds apart; SDKs send and read the word.
enum GoalConfig {
    static func make(_ goal: JSONValue, _ naming: Naming) -> JSONValue {
        var served = JSONObject([
            ("id", goal.idText), ("name", naming.name(of: goal)), ("key", naming.key(of: goal)),
        ])
        served = served.joined(with: goal.picking(["type"]))
        served["rules"] = RuleConfig.tree(goal["triggering_rule"])
        if let settings = goal["settings"], settings.object?.isEmpty == false { served["settings"] = settings }
        return .object(served)
    }
}
