public import ControlStore
import JSON
public import Time

/// What is known of visitors, and who they are.
public struct VisitorStore: Sendable {
    private let store: ControlStore

    public init(store: ControlStore) {
        self.store = store
    }

    /// What a visitor was last seen with: experience to variation, and segments; nil for one never seen, and one of whom
    /// nothing can be read: the next event of theirs sets that aside.
    public func visitor(
        _ id: String, projectID: Int64
    ) async throws -> (buckets: [Int64: Int64], segments: VisitorSegments)? {
        let state = try await store.read { database in
            try database.row(
                sql: "SELECT * FROM visitors WHERE project_id = ? AND visitor_id = ?",
                arguments: [projectID, id]
            ).flatMap { try? VisitorState(row: $0) }
        }
        return state.map { ($0.buckets, $0.segments) }
    }

    /// The visitors that some users are, besides those of their own ids, as identify calls have said.
    public func joined(to userIDs: [String], environmentID: Int64) async throws -> [String] {
        try await store.read { database in
            try userIDs.flatMap {
                try JoinedVisitors.visitors(
                    of: $0, environmentID: environmentID, limit: JoinedVisitors.maximumRemembered, from: database)
            }
        }
    }

    /// Removes goals that users have reached and that are not counted yet.
    /// - Parameter end: what came in after that stays.
    public func removeReachedGoals(of userIDs: [String], environmentID: Int64, upTo end: Timestamp) async throws {
        try await removeReachedGoals(of: [(userIDs, end)], environmentID: environmentID)
    }

    /// The same of many.
    func removeReachedGoals(of users: [(ids: [String], end: Timestamp)], environmentID: Int64) async throws {
        try await store.write { database in
            let statement = try database.prepare(
                "DELETE FROM reached_goals WHERE environment_id = ? AND user_id = ? AND received_at <= ?")
            for (ids, end) in users {
                for userID in ids { try statement.execute(arguments: [environmentID, userID, end]) }
            }
        }
    }

    /// Forgets all visitors of a project that is no more, piece by piece.
    public func deleteAll(projectID: Int64) async throws {
        try await store.removeInPieces(
            sql: """
                DELETE FROM visitors WHERE project_id = ?1 AND visitor_id IN (
                    SELECT visitor_id FROM visitors WHERE project_id = ?1 LIMIT ?2)
                """,
            arguments: [projectID])
        try await store.removeInPieces(
            sql: """
                DELETE FROM tracked_transactions WHERE project_id = ?1 AND (goal_id, transaction_id) IN (
                    SELECT goal_id, transaction_id FROM tracked_transactions WHERE project_id = ?1 LIMIT ?2)
                """,
            arguments: [projectID])
    }

    /// Forgets which visitors the users of an environment that is no more are, piece by piece.
    public func deleteAll(environmentID: Int64) async throws {
        try await store.removeInPieces(
            sql: """
                DELETE FROM joined_visitors WHERE environment_id = ?1 AND (user_id, visitor_id) IN (
                    SELECT user_id, visitor_id FROM joined_visitors WHERE environment_id = ?1 LIMIT ?2)
                """,
            arguments: [environmentID])
    }

    /// Removes what was known of users as visitors of an environment for good, and which visitors they are.
    /// - Parameter users: with a time each; what was learned after that stays.
    public func delete(users: [(ids: [String], end: Timestamp)], environmentID: Int64) async throws {
        try await store.write { database in
            guard
                let environment = try database.row(
                    sql: "SELECT project_id, name FROM environments WHERE id = ?", arguments: [environmentID])
            else { return }
            let projectID: Int64 = try environment.read("project_id")
            let others = Set(
                try database.values(
                    Int64.self,
                    sql: """
                        SELECT id FROM resources WHERE project_id = ? AND kind = 'experience'
                        AND iif(\(SQL.isJSON("document")), \(SQL.member("environment")) <> ?, 0)
                        """, arguments: [projectID, environment.read("name", as: String.self)]))
            let joined = try database.prepare(
                "DELETE FROM joined_visitors WHERE environment_id = ? AND user_id = ? AND joined_at <= ?")
            for (userID, end) in users.flatMap({ users in users.ids.map { ($0, users.end) } }) {
                let visitors = try JoinedVisitors.visitors(
                    of: userID, environmentID: environmentID, limit: JoinedVisitors.maximumRemembered, from: database)
                for visitorID in [userID] + visitors {
                    try Self.forget(visitorID, of: projectID, keeping: others, upTo: end, in: database)
                }
                try joined.execute(arguments: [environmentID, userID, end])
            }
        }
    }

    /// Experiences of other environments, and those that were entered later, stay; segments go unless something does.
    private static func forget(
        _ visitorID: String, of projectID: Int64, keeping others: Set<Int64>, upTo end: Timestamp,
        in database: Database
    ) throws {
        let row = try database.row(
            sql: "SELECT * FROM visitors WHERE project_id = ? AND visitor_id = ?",
            arguments: [projectID, visitorID])
        guard let row else { return }
        // What cannot be read goes as a whole.
        let state = (try? VisitorState(row: row)) ?? VisitorState()
        var kept = VisitorState()
        for (experienceID, variationID) in state.buckets {
            let seenAt = state.seenAt[experienceID]
            if others.contains(experienceID) {
                (kept.segments, kept.goals) = (state.segments, state.goals)
            } else if seenAt.map({ $0 <= end }) ?? true {
                continue
            }
            kept.enter(experienceID, variationID, at: seenAt)
        }
        if kept.buckets.isEmpty {
            try database.execute(
                sql: "DELETE FROM visitors WHERE project_id = ? AND visitor_id = ?", arguments: [projectID, visitorID])
        } else {
            try database.execute(
                sql: "UPDATE visitors SET buckets = ?, segments = ?, goals = ? WHERE project_id = ? AND visitor_id = ?",
                arguments: [
                    kept.bucketsDocument.encodedString, JSONValue.object(kept.segments.members).encodedString,
                    kept.goalsDocument.encodedString, projectID, visitorID,
                ])
        }
    }
}
