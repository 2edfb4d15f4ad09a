public import Time

/// Removes what users did as visitors of experiments.
public struct VisitorRemoval: Sendable {
    private let visitors: VisitorStore
    private let tracker: Tracker

    public init(visitors: VisitorStore, tracker: Tracker) {
        self.visitors = visitors
        self.tracker = tracker
    }

    /// Which visitors some users are, besides those of their own ids; as many lists as there are of users. Goals of theirs that
    /// are not counted yet are gone when it answers, and what they sent up to a time is an experiment event.
    public func settled(
        of users: [(ids: [String], end: Timestamp)], environmentID: Int64
    ) async throws -> [[String]] {
        try await visitors.removeReachedGoals(of: users, environmentID: environmentID)
        try await tracker.settle()
        var joined: [[String]] = []
        for users in users {
            joined.append(try await visitors.joined(to: users.ids, environmentID: environmentID))
        }
        return joined
    }

    /// Removes what was known of users as visitors, up to a time, and which visitors they are.
    public func remove(of users: [(ids: [String], end: Timestamp)], environmentID: Int64) async throws {
        try await visitors.delete(users: users, environmentID: environmentID)
    }
}
