import ControlStore
import EventStore
import GRDB
import Time

/// The goals that product events have reached, until they are counted.
struct ReachedGoalStore: Sendable {
    private let store: ControlStore
    private let project: @Sendable (_ projectID: Int64) async throws -> TrackedProject?

    /// SDKs hold views back for seconds, to send many at once: by then those from before the goal are here.
    private static let delaySeconds: Int64 = 5
    private static let maximumAtOnce = 1_000

    init(store: ControlStore, project: @escaping @Sendable (_ projectID: Int64) async throws -> TrackedProject?) {
        self.store = store
        self.project = project
    }

    /// The goals up to one that are to be counted now.
    struct Due: Sendable {
        fileprivate let last: Int64
        fileprivate let latest: Timestamp
        fileprivate let projects: [Int64: TrackedProject]
        /// Whether there may be more.
        let isFull: Bool
    }

    /// What became of some goals.
    struct Counted: Sendable {
        let pieces: [ExposureOutbox.Piece]
        let rejections: [TrackingRejection: Int]
        /// Events, rejected ones included.
        let total: Int
    }

    /// What is to be counted; nil for nothing.
    func due(at now: Timestamp) async throws -> Due? {
        let latest = now.adding(seconds: -Self.delaySeconds)
        let rows = try await store.database.read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT id, project_id FROM reached_goals WHERE received_at <= ? ORDER BY id LIMIT ?",
                arguments: [latest, Self.maximumAtOnce]
            ).map { (id: $0["id"] as Int64, projectID: $0["project_id"] as Int64) }
        }
        guard let last = rows.last else { return nil }
        var projects: [Int64: TrackedProject] = [:]
        for id in Set(rows.map(\.projectID)) { projects[id] = try await project(id) }
        return Due(last: last.id, latest: latest, projects: projects, isFull: rows.count == Self.maximumAtOnce)
    }

    /// Counts them: they are in the outbox afterwards, and no longer here.
    func count(_ due: Due, _ identifiers: ExposureIdentifiers, at now: Timestamp) async throws -> Counted {
        try await store.database.write { database in
            let condition = "id <= ? AND received_at <= ?"
            let goals = try Row.fetchAll(
                database, sql: "SELECT * FROM reached_goals WHERE \(condition) ORDER BY id",
                arguments: [due.last, due.latest]
            ).map(ReachedGoal.init)
            try database.execute(
                sql: "DELETE FROM reached_goals WHERE \(condition)", arguments: [due.last, due.latest])
            let persons = try goals.map { try visitorIDs($0, from: database) }
            let states = try VisitorStates(zip(goals, persons).map { ($0.projectID, $1) }, from: database)
            var events = KeptEvents(identifiers)
            var rejections: [TrackingRejection: Int] = [:]
            for (goal, visitorIDs) in zip(goals, persons) {
                guard let project = due.projects[goal.projectID] else { continue }
                let decision = ReachedGoalDecision(
                    goal, by: visitorIDs.map { ($0, states[project.id, $0]) }, in: project)
                if decision.kept.isEmpty { continue }
                if let id = goal.conversion.transactionID,
                    try !TrackedTransactions.isNew(
                        id, goalID: goal.conversion.goalID, projectID: project.id, in: database)
                {
                    rejections[.transaction, default: 0] += 1
                    continue
                }
                for (visitorID, kept) in decision.kept {
                    let origin = KeptEvents.Origin(
                        projectID: project.id, environmentID: goal.environmentID, visitorID: visitorID,
                        occurredAt: goal.occurredAt, receivedAt: goal.receivedAt)
                    events.keep(kept, from: origin, at: now)
                }
            }
            return Counted(
                pieces: try events.save(in: database), rejections: rejections,
                total: events.count + rejections.values.reduce(0, +))
        }
    }

    /// The visitors that whoever reached a goal is, the most certain one first.
    private func visitorIDs(_ goal: ReachedGoal, from database: Database) throws -> [String] {
        var ids = [goal.visitorID, goal.userID].compactMap { $0 }.filter(TrackingDecision.isVisitorID)
        if let userID = goal.userID {
            ids += try JoinedVisitors.visitors(of: userID, environmentID: goal.environmentID, from: database)
        }
        // By their bytes, as visitors are told apart.
        var known: Set<[UInt8]> = []
        return ids.filter { known.insert(Array($0.utf8)).inserted }
    }
}
