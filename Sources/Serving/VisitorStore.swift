public import ControlStore
import GRDB
import JSON
public import Time

/// What is known of visitors, and who they are.
public struct VisitorStore: Sendable {
    private let store: ControlStore

    public init(store: ControlStore) {
        self.store = store
    }

    /// What a visitor was last seen with: experience to variation, and segments; nil for one never seen.
    public func visitor(
        _ id: String, projectID: Int64
    ) async throws -> (buckets: [Int64: Int64], segments: VisitorSegments)? {
        let state = try await store.database.read { database in
            try Row.fetchOne(
                database, sql: "SELECT * FROM visitors WHERE project_id = ? AND visitor_id = ?",
                arguments: [projectID, id]
            ).map { try VisitorState(row: $0) }
        }
        return state.map { ($0.buckets, $0.segments) }
    }

    /// The visitors that some users are, besides those of their own ids, as identify calls have said.
    public func joined(to userIDs: [String], environmentID: Int64) async throws -> [String] {
        try await store.database.read { database in
            try userIDs.flatMap { try JoinedVisitors.visitors(of: $0, environmentID: environmentID, from: database) }
        }
    }

    /// Removes what was known of users as visitors for good: of the visitors they are, and of goals they have reached.
    /// - Parameter end: who came back after that stays.
    public func delete(users userIDs: [String], environmentID: Int64, upTo end: Timestamp) async throws {
        try await store.database.write { database in
            let visitor = try database.cachedStatement(
                sql: """
                    DELETE FROM visitors WHERE visitor_id = ? AND updated_at <= ? AND project_id =
                        (SELECT project_id FROM environments WHERE id = ?)
                    """)
            let joined = try database.cachedStatement(
                sql: "DELETE FROM joined_visitors WHERE environment_id = ? AND user_id = ? AND joined_at <= ?")
            let reached = try database.cachedStatement(
                sql: "DELETE FROM reached_goals WHERE environment_id = ? AND user_id = ? AND received_at <= ?")
            for userID in userIDs {
                let visitors = try JoinedVisitors.visitors(of: userID, environmentID: environmentID, from: database)
                for visitorID in [userID] + visitors {
                    try visitor.execute(arguments: [visitorID, end, environmentID])
                }
                try joined.execute(arguments: [environmentID, userID, end])
                try reached.execute(arguments: [environmentID, userID, end])
            }
        }
    }
}
