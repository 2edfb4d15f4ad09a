import ControlStore
import EventStore
import JSON
import Time

/// The goals that product events have reached, until they are counted.
struct ReachedGoalStore: Sendable {
    let store: ControlStore
    private let project: @Sendable (_ projectID: Int64) async throws -> TrackedProject?

    /// SDKs hold views back for seconds, to send many at once: by then those from before the goal are here.
    private static let delaySeconds: Int64 = 5
    /// Goals counted at once, of all projects that have any.
    private static let maximumAtOnce = 1_000
    /// Rows of experiment events made at once: a goal may count for many experiences.
    private static let maximumRows = 10_000

    init(store: ControlStore, project: @escaping @Sendable (_ projectID: Int64) async throws -> TrackedProject?) {
        self.store = store
        self.project = project
    }

    /// Goals that are to be counted now.
    struct Due: Sendable {
        let ids: [Int64]
        fileprivate let projects: [Int64: TrackedProject]
        /// Whether a project may have more.
        fileprivate let isFull: Bool

        /// Some of them.
        func part(_ ids: some Sequence<Int64>) -> Due { Due(ids: Array(ids), projects: projects, isFull: isFull) }
    }

    /// What became of some goals.
    struct Counted: Sendable {
        let pieces: [ExposureOutbox.Piece]
        let rejections: [TrackingRejection: Int]
        /// Events, rejected ones included.
        let total: Int
        /// Whether there may be more to count.
        let isMore: Bool
    }

    /// What is to be counted; nil for nothing.
    func due(at now: Timestamp) async throws -> Due? {
        let latest = now.adding(seconds: -Self.delaySeconds)
        let rows = try await store.read { database in
            let projectIDs = try database.values(Int64.self, sql: "SELECT DISTINCT project_id FROM reached_goals")
            // Nobody's goals wait for all those of somebody else.
            let share = max(Self.maximumAtOnce / max(projectIDs.count, 1), 1)
            return try projectIDs.map { projectID in
                try database.values(
                    Int64.self,
                    sql: "SELECT id FROM reached_goals WHERE project_id = ? AND received_at <= ? ORDER BY id LIMIT ?",
                    arguments: [projectID, latest, share]
                ).enumerated().map { (turn: $0, id: $1, projectID: projectID) }
            }
        }
        let isFull = rows.contains { $0.count == max(Self.maximumAtOnce / max(rows.count, 1), 1) }
        // By turns: the first of each project, then the second ones.
        let ordered = rows.joined().sorted { ($0.turn, $0.id) < ($1.turn, $1.id) }
        if ordered.isEmpty { return nil }
        var projects: [Int64: TrackedProject] = [:]
        var unreadable: Set<Int64> = []
        for id in Set(ordered.map(\.projectID)) {
            do {
                projects[id] = try await project(id)
            } catch {
                if StoreTrouble.isCause(of: error) { throw error }
                // Its goals wait until it can be read; nobody else's do.
                unreadable.insert(id)
            }
        }
        let ids = ordered.filter { !unreadable.contains($0.projectID) }.map(\.id)
        return ids.isEmpty ? nil : Due(ids: ids, projects: projects, isFull: isFull && unreadable.isEmpty)
    }

    /// Counts them: they are in the outbox afterwards, and no longer here.
    func count(_ due: Due, _ identifiers: ExposureIdentifiers, at now: Timestamp) async throws -> Counted {
        try await store.write { database in
            // One that was deleted by now is missing.
            let turns = Dictionary(uniqueKeysWithValues: zip(due.ids, 0...))
            let goals = try database.rows(
                sql: "SELECT * FROM reached_goals WHERE id IN \(SQL.list("?"))",
                arguments: [ListArgument(due.ids)]
            ).map { (id: try $0.read("id", as: Int64.self), goal: try ReachedGoal(row: $0)) }.sorted {
                turns[$0.id] ?? 0 < turns[$1.id] ?? 0
            }
            let remove = try database.prepare("DELETE FROM reached_goals WHERE id = ?")
            let persons = try goals.map { try visitorIDs($0.goal, from: database) }
            var states = try VisitorStates(
                zip(goals, persons).map { ($0.goal.projectID, $1) }, at: now, from: database)
            var events = KeptEvents(identifiers)
            var rejections: [TrackingRejection: Int] = [:]
            for (entry, visitorIDs) in zip(goals, persons) {
                if events.rowCount >= Self.maximumRows { break }
                try remove.execute(arguments: [entry.id])
                let goal = entry.goal
                guard let project = due.projects[goal.projectID] else { continue }
                let decision = ReachedGoalDecision(
                    goal, by: visitorIDs.map { ($0, states[project.id, $0]) }, in: project)
                guard !decision.kept.isEmpty else {
                    // Who reached it was in none of the experiences that are after it.
                    rejections[.experience, default: 0] += 1
                    continue
                }
                if let id = goal.conversion.transactionID,
                    try !TrackedTransactions.isNew(
                        id, goalID: goal.conversion.goalID, projectID: project.id, in: database)
                {
                    rejections[.transaction, default: 0] += 1
                    continue
                }
                for reached in decision.kept {
                    states[project.id, reached.visitorID].remember(
                        goal.conversion.goalID, for: reached.kept.assignments)
                    let origin = KeptEvents.Origin(
                        projectID: project.id, environmentID: goal.environmentID, visitorID: reached.visitorID,
                        occurredAt: reached.occurredAt, receivedAt: goal.receivedAt)
                    events.keep(reached.kept, from: origin, at: now)
                }
            }
            try states.save(at: now, in: database)
            return Counted(
                pieces: try events.save(in: database), rejections: rejections,
                total: events.count + rejections.values.reduce(0, +),
                isMore: due.isFull || events.rowCount >= Self.maximumRows)
        }
    }

    /// The visitors that whoever reached a goal is, the most certain one first.
    private func visitorIDs(_ goal: ReachedGoal, from database: Database) throws -> [String] {
        var ids = [goal.visitorID, goal.userID].compactMap { $0 }.filter(TrackingDecision.isVisitorID)
        if let userID = goal.userID {
            ids += try JoinedVisitors.visitors(
                of: userID, environmentID: goal.environmentID, limit: JoinedVisitors.maximumCounted, from: database)
        }
        // By their bytes, as visitors are told apart.
        var known: Set<[UInt8]> = []
        return ids.filter { known.insert(Array($0.utf8)).inserted }
    }
}
