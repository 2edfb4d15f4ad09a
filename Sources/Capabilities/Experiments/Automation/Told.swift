import JSON
import Reports

/// A decision with the numbers that it follows from, as the change history and answers tell it.
struct Told: Sendable {
    let decision: Decision
    let conclusion: Conclusion

    init(_ decision: Decision, _ conclusion: Conclusion) {
        self.decision = decision
        self.conclusion = conclusion
    }

    var json: JSONValue {
        var members = JSONObject([("act", .string(name)), ("reason", .string(decision.reason))])
        var shares: [Int64: Double] = [:]
        if case .share(let found) = decision.act { shares = found }
        for (name, value) in Self.figures(conclusion, shares: shares) { members[name] = value }
        return .object(members)
    }

    /// What the primary goal says.
    /// - Parameter shares: parts that variations get of new visitors.
    static func figures(_ conclusion: Conclusion, shares: [Int64: Double] = [:]) -> JSONObject {
        var members = JSONObject()
        guard let goal = conclusion.primary else { return members }
        members["goal_id"] = .integer(goal.goalID)
        members["metric"] = .string(goal.metric)
        members["stats_methodology"] = .string(goal.methodology)
        members["variations"] = .array(goal.variations.map { show($0, share: shares[$0.variationID]) })
        return members
    }

    private var name: String {
        switch decision.act {
        case .nothing: "none"
        case .stop: "stop_loser"
        case .keep: "keep_winner"
        case .complete: "complete"
        case .share: "reallocate"
        }
    }

    private static func show(_ variation: VariationConclusion, share: Double?) -> JSONValue {
        var members = JSONObject([
            ("id", .integer(variation.variationID)), ("visitors", .integer(variation.visitors)),
            ("conversions", .integer(variation.conversions)),
        ])
        if let improvement = variation.improvement { members["improvement"] = .double(improvement) }
        if !variation.isBaseline {
            members["probability_beat_control"] = .double(variation.chance)
            members["test_result"] = .string(variation.result.rawValue)
        }
        if let pValue = variation.pValue { members["p_value"] = .double(pValue) }
        if let share { members["share"] = .double(share) }
        return .object(members)
    }
}
