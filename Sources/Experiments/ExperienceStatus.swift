import JSON
import Time

/// The life of an experience (contract schema `ExperienceStatuses`).
enum ExperienceStatus: String, CaseIterable {
    case draft
    case active
    case paused
    case completed
    case scheduled
    case archived

    /// What may come next.
    func next(isStarted: Bool) -> [ExperienceStatus] {
        switch self {
        case .draft: [.active, .scheduled, .archived]
        case .scheduled: [.draft, .active, .archived]
        case .active: [.paused, .completed, .archived]
        case .paused: [.active, .completed, .archived]
        case .completed: [.active, .archived]
        // Back to where it was.
        case .archived: isStarted ? [.active, .paused, .completed] : [.draft, .active, .scheduled]
        }
    }

    /// What changes along with the status: when it started and stopped, in Unix seconds.
    /// - Throws: ``ExperimentsError`` for a move that is not allowed.
    static func move(_ draft: inout ResourceDraft) throws {
        let old = draft.oldStatus.flatMap(ExperienceStatus.init) ?? .draft
        guard let new = draft.status.flatMap(ExperienceStatus.init) else {
            throw ExperimentsError.invalid("status", "status must be one that an experience can have.")
        }
        let isStarted = draft.old?["started"]?.bool ?? false
        let now = draft.now.seconds
        // When it started is a fact by then.
        if isStarted { draft.document["start_time"] = draft.old?["start_time"] }
        if new != old {
            let allowed = old.next(isStarted: isStarted)
            guard allowed.contains(new) else {
                let names = allowed.map(\.rawValue).joined(separator: ", ")
                throw ExperimentsError.invalid(
                    "status", "status cannot go from \(old.rawValue) to \(new.rawValue); \(names) would be possible.")
            }
            if new == .active {
                let plan = draft.old?["start_time"]?.int64 ?? .max
                let isPlanned = old == .scheduled && plan <= now
                if !isStarted, !isPlanned { draft.document["start_time"] = .integer(now) }
                draft.document["started"] = true
                // The end of an earlier run is over; one that was planned along with the start ends it all the same.
                if !isPlanned, (draft.document["end_time"]?.int64 ?? 0) <= now { draft.document["end_time"] = .null }
            } else if old == .active {
                draft.document["end_time"] = .integer(now)
            }
        }
        if new == .scheduled, (draft.document["start_time"]?.int64 ?? 0) <= now {
            throw ExperimentsError.invalid(
                "start_time", "start_time must lie in the future for an experience that is scheduled.")
        }
        let (start, end) = (draft.document["start_time"]?.int64 ?? 0, draft.document["end_time"]?.int64 ?? 0)
        if start > 0, end > 0, end < start {
            throw ExperimentsError.invalid("end_time", "end_time must not be before start_time.")
        }
    }
}
