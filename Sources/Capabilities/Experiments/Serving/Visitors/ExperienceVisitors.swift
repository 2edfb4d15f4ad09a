public import ControlStore
public import EventStore
public import Time

/// What is known of the visitors of an experience, and forgotten with events that are removed.
public struct ExperienceVisitors: Sendable {
    private let store: ControlStore
    private let tracker: Tracker
    private let clock: WallClock

    public init(store: ControlStore, tracker: Tracker, clock: WallClock) {
        self.store = store
        self.tracker = tracker
        self.clock = clock
    }

    /// Visitors that are written at a time: others have their turn in between.
    private static let atOnce = 500

    /// Returns once everything that was sent before is an experiment event.
    public func settle() async throws { try await tracker.settle() }

    /// Forgets what visitors saw and reached in an experience, as far as they lose it. Transactions stay known: one that is
    /// sent again is the same.
    /// - Parameter end: what was learned after that stays.
    public func forget(
        _ losses: [ExperimentVisitorLoss], experienceID: Int64, projectID: Int64, upTo end: Timestamp
    ) async throws {
        for start in stride(from: 0, to: losses.count, by: Self.atOnce) {
            try Task.checkCancellation()
            let piece = losses[start..<min(start + Self.atOnce, losses.count)]
            let now = clock.now
            try await store.write { database in
                var states = try VisitorStates([(projectID, piece.map(\.visitorID))], at: now, from: database)
                for loss in piece {
                    states[projectID, loss.visitorID].lose(loss, experienceID: experienceID, upTo: end)
                }
                try states.save(at: now, in: database)
            }
        }
    }

    /// How many visitors and conversions are counted in an experience.
    public func traffic(experienceID: Int64) async throws -> (visitors: Int64, conversions: Int64) {
        try await store.read { database in
            let row = try database.row(
                sql: "SELECT * FROM experience_traffic WHERE experience_id = ?", arguments: [experienceID])
            guard let row else { return (0, 0) }
            return (try row.read("visitors"), try row.read("conversions"))
        }
    }

    /// Adds to what is counted; no count falls below 0.
    public func addTraffic(visitors: Int64, conversions: Int64, experienceID: Int64) async throws {
        try await store.write { database in
            try database.execute(
                sql: """
                    UPDATE experience_traffic SET visitors = max(visitors + ?2, 0), conversions = max(conversions + ?3, 0)
                    WHERE experience_id = ?1
                    """,
                arguments: [experienceID, visitors, conversions])
        }
    }
}

extension VisitorState {
    /// Forgets what the visitor saw and reached in an experience.
    /// - Parameter end: a view that came later stays.
    mutating func lose(_ loss: ExperimentVisitorLoss, experienceID: Int64, upTo end: Timestamp) {
        if loss.losesView, seenAt[experienceID].map({ $0 <= end }) ?? true { leave(experienceID) }
        for goalID in loss.lostGoals {
            guard var known = goals[goalID], known.experiences.remove(experienceID) != nil else { continue }
            goals[goalID] = known.experiences.isEmpty ? nil : known
        }
    }
}
