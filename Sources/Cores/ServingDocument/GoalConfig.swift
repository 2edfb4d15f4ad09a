import JSON

/// Goals as they are served (contract schema `ConfigGoal`).
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
