/// The life of an experience (contract schema `ExperienceStatuses`).
public enum ExperienceStatus: String, Sendable, CaseIterable {
    case draft
    case active
    case paused
    case completed
    case scheduled
    case archived

    /// What may come next.
    /// - Parameter isStarted: whether it has ever run.
    public func next(isStarted: Bool) -> [ExperienceStatus] {
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
}
