import ControlStore
import JSON
import Reports

/// What is announced of how an experience stands, each once: again only after its report was begun anew.
enum Finding: String, CaseIterable, Sendable {
    /// A variation is better than the baseline by the primary goal.
    case winner
    /// A variation is worse.
    case losing
    /// Visitors are shared out otherwise than they were to be.
    case mismatch
    /// Visitors came to a variation that was to have none.
    case leak

    /// What there is to find.
    static func all(in conclusion: Conclusion) -> Set<Finding> {
        let leaks: Set<Finding> = conclusion.leakedVisitors > 0 ? [.leak] : []
        // While visitors are shared out otherwise than they were to be, no result means anything.
        if conclusion.isMismatched { return leaks.union([.mismatch]) }
        let results = Set(conclusion.primary?.variations.map(\.result) ?? [])
        var found = leaks
        if results.contains(.winner) { found.insert(.winner) }
        if results.contains(.losing) { found.insert(.losing) }
        return found
    }

    var kind: Announcement.Kind {
        switch self {
        case .winner, .losing: .experienceSignificant
        case .mismatch, .leak: .experienceMismatch
        }
    }

    /// What is told besides the experience.
    func content(_ conclusion: Conclusion) -> JSONObject {
        switch self {
        case .winner, .losing:
            var members = Told.figures(conclusion)
            members["result"] = .string(rawValue)
            // A test of a fixed number of visitors says what it promises to only once they have come.
            members["decides"] = .string(conclusion.rules.allowsAnyLook ? "any_time" : "at_horizon")
            return members
        case .mismatch, .leak:
            // Whatever it is judged by, the visitors are the same.
            let variations = (conclusion.primary ?? conclusion.goals.first)?.variations ?? []
            let shares = variations.map { variation -> JSONValue in
                [
                    "id": .integer(variation.variationID), "visitors": .integer(variation.visitors),
                    "traffic_distribution": .double(conclusion.weights[variation.variationID] ?? 0),
                ]
            }
            var members = JSONObject([("variations", .array(shares))])
            members["reason"] = self == .leak ? "visitors of a variation that was to have none" : "unlikely shares"
            if self == .leak { members["leaked_visitors"] = .integer(conclusion.leakedVisitors) }
            return members
        }
    }
}
