import JSON
import Resources
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
        // When it started, and when it stopped, are facts by then.
        if isStarted { draft.document["start_time"] = draft.old?["start_time"] }
        if isStarted, old != .active { draft.document["end_time"] = draft.old?["end_time"] }
        try checkTimes(&draft.document)
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
                try checkMayRunOn(draft)
                draft.document["started"] = true
                // A new run is decided anew.
                draft.document["concluded"] = nil
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
        try checkOrder(draft.document)
    }

    /// The year 9999 ends then.
    private static let lastSecond: Int64 = 253_402_300_799

    /// Unix seconds, as integers.
    /// - Throws: ``ExperimentsError`` for times outside of 1970 to 9999.
    static func checkTimes(_ document: inout JSONObject) throws {
        for member in ["start_time", "end_time"] {
            guard let value = document[member], value != .null else { continue }
            guard let seconds = value.int64, (0...lastSecond).contains(seconds) else {
                throw ExperimentsError.invalid(
                    member, "\(member) must be null, or seconds since 1970-01-01 up to the year 9999.")
            }
            document[member] = .integer(seconds)
        }
    }

    /// It would end as soon as it runs again.
    private static func checkMayRunOn(_ draft: ResourceDraft) throws {
        guard draft.old?["started"]?.bool == true, let start = draft.document["start_time"]?.int64,
            let days = draft.document["settings"]?["max_running_time"]?.int64, days > 0,
            start.addingSaturating(days.multipliedSaturating(by: 86_400)) <= draft.now.seconds
        else { return }
        throw ExperimentsError.invalid(
            "settings.max_running_time",
            "settings.max_running_time: the experience has run its \(days) days; raise it to run on.")
    }

    private static func checkOrder(_ document: JSONObject) throws {
        let (start, end) = (document["start_time"]?.int64 ?? 0, document["end_time"]?.int64 ?? 0)
        if start > 0, end > 0, end < start {
            throw ExperimentsError.invalid("end_time", "end_time must not be before start_time.")
        }
    }
}
