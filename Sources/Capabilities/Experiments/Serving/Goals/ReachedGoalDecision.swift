import EventStore
import Time

/// What a goal that somebody reached counts for: the experiences they were in by then.
struct ReachedGoalDecision {
    /// By visitor: a person may be several. An experience counts once, for the first of them who is in it.
    private(set) var kept: [Reached] = []

    /// What is stored of one visitor.
    struct Reached {
        let visitorID: String
        /// Not before the view: reports count what comes after it.
        let occurredAt: Timestamp
        let kept: TrackingDecision.Kept
    }

    /// Clocks differ, and views come a little late: so much later than the goal may a variation have been seen.
    private static let toleranceSeconds: Int64 = 60

    /// - Parameter visitors: those that the person is.
    init(_ goal: ReachedGoal, by visitors: [(id: String, state: VisitorState)], in project: TrackedProject) {
        guard project.goals.contains(goal.conversion.goalID),
            let environment = project.environmentName(goal.environmentID)
        else { return }
        let latest = goal.occurredAt.adding(seconds: Self.toleranceSeconds)
        var counted: Set<Int64> = []
        for (id, state) in visitors {
            let buckets = state.buckets.filter { experienceID, variationID in
                !counted.contains(experienceID)
                    && project.experiences[experienceID]?.goals.contains(goal.conversion.goalID) == true
                    && state.seenAt[experienceID].map { $0 <= latest } ?? true
                    && project.rejection(
                        experienceID: experienceID, variationID: variationID, environment: environment) == nil
            }
            if buckets.isEmpty { continue }
            counted.formUnion(buckets.keys)
            let assignments = buckets.sorted { $0.key < $1.key }
                .map { ExperimentEvent.Assignment(experienceID: $0.key, variationID: $0.value) }
            // Views are known to the second.
            let seenAt = buckets.keys.compactMap { state.seenAt[$0]?.adding(seconds: 1) }.max()
            let occurredAt = max(goal.occurredAt, seenAt ?? goal.occurredAt)
            // Every product event that reaches a goal is a conversion; one with values is a transaction as well.
            let isTransaction = goal.conversion.form == .transaction
            for kind in isTransaction ? [ExperimentEvent.Kind.conversion, .transaction] : [.conversion] {
                let event = TrackingDecision.Kept(
                    kind: kind, environment: environment, assignments: assignments,
                    conversion: kind == .conversion ? goal.conversion.withoutValues : goal.conversion,
                    segments: state.segments.reported)
                kept.append(Reached(visitorID: id, occurredAt: occurredAt, kept: event))
            }
        }
    }
}
