import JSON
import ProjectDocuments
import Resources
import Time

extension ExperienceStatus {
    /// What changes along with the status: when it started and stopped, in Unix seconds.
    /// - Throws: ``ExperimentsError`` for a move that is not allowed.
    static func move(_ draft: inout ResourceDraft) throws {
        var experience = draft.experience
        try move(&experience, draft)
        draft.experience = experience
    }

    private static func move(_ experience: inout ExperienceDocument, _ draft: ResourceDraft) throws {
        let old = draft.oldStatus.flatMap(ExperienceStatus.init) ?? .draft
        guard let new = draft.status.flatMap(ExperienceStatus.init) else {
            throw ExperimentsError.invalid("status", "status must be one that an experience can have.")
        }
        let before = draft.oldExperience
        let isStarted = before.isStarted
        let now = draft.now.seconds
        // When it started, and when it stopped, are facts by then.
        if isStarted { experience.takeStart(of: before) }
        if isStarted, old != .active { experience.takeEnd(of: before) }
        try checkTimes(&experience)
        if new != old {
            let allowed = old.next(isStarted: isStarted)
            guard allowed.contains(new) else {
                let names = allowed.map(\.rawValue).joined(separator: ", ")
                throw ExperimentsError.invalid(
                    "status", "status cannot go from \(old.rawValue) to \(new.rawValue); \(names) would be possible.")
            }
            if new == .active {
                let isPlanned = old == .scheduled && (before.startTime ?? .max) <= now
                if !isStarted, !isPlanned { experience.startTime = now }
                experience.isStarted = true
                // A new run is decided anew.
                experience.isConcluded = false
                // The end of an earlier run is over; one that was planned along with the start ends it all the same.
                if !isPlanned, (experience.endTime ?? 0) <= now { experience.endTime = nil }
            } else if old == .active {
                experience.endTime = now
            }
        }
        if new == .scheduled, (experience.startTime ?? 0) <= now {
            throw ExperimentsError.invalid(
                "start_time", "start_time must lie in the future for an experience that is scheduled.")
        }
        try checkOrder(experience)
    }

    /// The year 9999 ends then.
    private static let lastSecond: Int64 = 253_402_300_799

    /// Unix seconds, as integers.
    /// - Throws: ``ExperimentsError`` for times outside of 1970 to 9999.
    static func checkTimes(_ experience: inout ExperienceDocument) throws {
        for member in ExperienceDocument.times {
            guard let value = experience.members[member], value != .null else { continue }
            guard let seconds = value.int64, (0...lastSecond).contains(seconds) else {
                throw ExperimentsError.invalid(
                    member, "\(member) must be null, or seconds since 1970-01-01 up to the year 9999.")
            }
            experience.members[member] = .integer(seconds)
        }
    }

    private static func checkOrder(_ experience: ExperienceDocument) throws {
        let (start, end) = (experience.startTime ?? 0, experience.endTime ?? 0)
        if start > 0, end > 0, end < start {
            throw ExperimentsError.invalid("end_time", "end_time must not be before start_time.")
        }
    }
}
