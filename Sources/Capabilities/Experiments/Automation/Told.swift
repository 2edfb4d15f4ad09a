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
        if let goal = conclusion.primary {
            members["goal_id"] = .integer(goal.goalID)
            members["metric"] = .string(goal.metric)
            members["stats_methodology"] = .string(goal.methodology)
            members["variations"] = .array(goal.variations.map(show))
        }
        return .object(members)
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

    private func show(_ variation: VariationConclusion) -> JSONValue {
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
        if case .share(let shares) = decision.act, let share = shares[variation.variationID] {
            members["share"] = .double(share)
        }
        return .object(members)
    }
}
