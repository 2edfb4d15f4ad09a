import JSON
import ProjectDocuments

/// Goals as they are served (contract schema `ConfigGoal`).
enum GoalConfig {
    static func make(_ goal: GoalDocument, _ naming: Naming) -> JSONValue {
        var served = JSONObject([
            ("id", .string(goal.idText)), ("name", naming.name(of: goal)), ("key", .string(naming.key(of: goal))),
        ])
        served = served.joined(with: goal.picking(["type"]))
        served["rules"] = RuleConfig.tree(goal.triggeringRule)
        if let settings = goal.settings { served["settings"] = settings }
        return .object(served)
    }
}
