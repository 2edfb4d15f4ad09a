import ProjectDocuments
import ServingDocument
import Time

/// Goals that no running experience has, and until when they are tracked all the same (contract schema `Project`, member
/// `stop_tracking_goals_after_days`).
struct IdleGoals: Sendable {
    /// By goal, in Unix seconds; goals that are always tracked are missing.
    private let ends: [Int64: Int64]

    init(_ project: ServedProject) {
        guard let days = project.project.reportingSettings.trackedGoalDays else {
            ends = [:]
            return
        }
        var lastUses = project.goalsMadeAt
        var used: Set<Int64> = []
        for experience in project.experiences {
            switch experience.status {
            case .active: used.formUnion(experience.goals)
            case .paused, .completed, .archived:
                for goal in experience.goals { lastUses[goal]?.raise(to: experience.endTime ?? 0) }
            case .draft, .scheduled, nil: break
            }
        }
        ends = lastUses.filter { !used.contains($0.key) }.mapValues { $0.addingSaturating(days * 86_400) }
    }

    /// Whether what reaches a goal is stored.
    func tracks(_ goalID: Int64, at now: Timestamp) -> Bool { ends[goalID].map { now.seconds < $0 } ?? true }
}

extension Int64 {
    fileprivate mutating func raise(to other: Int64) { self = Swift.max(self, other) }
}
