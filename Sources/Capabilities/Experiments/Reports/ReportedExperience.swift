import JSON
import ProjectDocuments
import Resources
import Text

/// The experience that a report is of.
struct ReportedExperience: Sendable {
    let id: Int64
    /// The one that it runs in; nil for every one.
    let environment: String?
    /// Its own settings.
    let settings: ExperienceSettings
    /// In their order, as answers show them (contract schema `ExperienceVariationBaseExtended`).
    let variations: [VariationDocument]
    let variationIDs: [Int64]
    /// What the others are compared with; nil where nothing is.
    let baselineID: Int64?
    let goalIDs: [Int64]
    /// The goal that it is judged by; nil where it has none.
    let primaryGoalID: Int64?
    let isRunning: Bool
    /// Unix seconds; nil before the first start.
    let start: Int64?
    /// Unix seconds; nil while it runs.
    let end: Int64?

    /// - Parameter shown: with its goals and its variations in full.
    init(_ shown: JSONValue) {
        let experience = ExperienceDocument(shown)
        id = experience.id ?? 0
        environment = experience.environment
        settings = experience.settings
        variations = experience.variations.map { variation in
            var variation = variation
            variation.members["changes"] = nil
            return variation
        }
        variationIDs = variations.compactMap(\.id)
        baselineID = variations.first(where: \.isBaseline)?.id
        primaryGoalID = experience.primaryGoal
        goalIDs = experience.goals
        func given(_ time: Int64?) -> Int64? { time.flatMap { $0 > 0 ? $0 : nil } }
        let isStarted = experience.status != .draft && experience.status != .scheduled
        start = isStarted ? given(experience.startTime) : nil
        isRunning = experience.status == .active
        end = isRunning ? nil : given(experience.endTime)
    }

    /// - Throws: `ExperimentsError.notFound` for who may only look at experiences of another environment.
    func check(isIn environment: String?) throws {
        guard let environment, let own = self.environment, !own.hasSameBytes(as: environment) else { return }
        throw ExperimentsError.notFound("There is no experience \(id) in this environment.")
    }

    /// Those that new visitors may get.
    var runningVariationIDs: Set<Int64> {
        Set(variations.filter(\.isRunning).compactMap(\.id))
    }

    /// The goals that a request names; all where it names none.
    /// - Throws: `ExperimentsError.invalid` for one that the experience does not have.
    func goals(_ names: JSONValue?) throws -> [Int64] {
        let named = names?.array ?? []
        if named.isEmpty { return goalIDs }
        var goals: [Int64] = []
        for (index, name) in named.enumerated() {
            let goal = try goal(name, "goals[\(index)]")
            if !goals.contains(goal) { goals.append(goal) }
        }
        return goals
    }

    /// - Throws: `ExperimentsError.invalid` for a goal that the experience does not have.
    func goal(_ name: JSONValue, _ field: String) throws -> Int64 {
        guard let id = name.int64, goalIDs.contains(id) else {
            let known = goalIDs.isEmpty ? "It has none." : "It has \(goalIDs.map(String.init).joined(separator: ", "))."
            throw ExperimentsError.invalid(field, "\(field) must be a goal of the experience. \(known)")
        }
        return id
    }
}
