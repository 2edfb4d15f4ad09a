public import Time

/// Removes what users did as visitors of experiments.
public struct VisitorRemoval: Sendable {
    private let visitors: VisitorStore
    private let tracker: Tracker

    public init(visitors: VisitorStore, tracker: Tracker) {
        self.visitors = visitors
        self.tracker = tracker
    }

    /// Which visitors some users are, besides those of their own ids. Goals of theirs that are not counted yet are
    /// gone when it answers, and what they sent up to a time is an experiment event.
    public func settled(of userIDs: [String], environmentID: Int64, upTo end: Timestamp) async throws -> [String] {
        if userIDs.isEmpty { return [] }
        try await visitors.removeReachedGoals(of: userIDs, environmentID: environmentID, upTo: end)
        try await tracker.settle()
        return try await visitors.joined(to: userIDs, environmentID: environmentID)
    }

    /// Removes what was known of users as visitors, up to a time, and which visitors they are.
    public func remove(of userIDs: [String], environmentID: Int64, upTo end: Timestamp) async throws {
        try await visitors.delete(users: userIDs, environmentID: environmentID, upTo: end)
    }
}
