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

    /// What there is to find.
    static func all(in conclusion: Conclusion) -> Set<Finding> {
        // While visitors are shared out otherwise than they were to be, no result means anything.
        if conclusion.isMismatched { return [.mismatch] }
        let results = Set(conclusion.primary?.variations.map(\.result) ?? [])
        var found: Set<Finding> = []
        if results.contains(.winner) { found.insert(.winner) }
        if results.contains(.losing) { found.insert(.losing) }
        return found
    }

    var kind: Announcement.Kind {
        switch self {
        case .winner, .losing: .experienceSignificant
        case .mismatch: .experienceMismatch
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
        case .mismatch:
            // Whatever it is judged by, the visitors are the same.
            let variations = (conclusion.primary ?? conclusion.goals.first)?.variations ?? []
            let shares = variations.map { variation -> JSONValue in
                [
                    "id": .integer(variation.variationID), "visitors": .integer(variation.visitors),
                    "traffic_distribution": .double(conclusion.weights[variation.variationID] ?? 0),
                ]
            }
            return JSONObject([("variations", .array(shares))])
        }
    }
}
