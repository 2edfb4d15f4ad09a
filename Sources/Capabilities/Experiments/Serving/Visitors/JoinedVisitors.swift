import ControlStore
import JSON
import Time

/// Which visitors of experiments a user is: the one of the user's own id, and those that identify and track calls have
/// named in the property `visitor_id`.
enum JoinedVisitors {
    /// The property of events that names a visitor.
    static let property = "visitor_id"
    /// Visitors of one user that goals count for: the last ones.
    static let maximumCounted = 20
    /// Visitors remembered of one user, whose traces go with the user: the last ones.
    static let maximumRemembered = 1_000

    /// The visitor that the property names.
    static func visitorID(_ value: JSONValue) -> String? {
        value.idText.flatMap { TrackingDecision.isVisitorID($0) ? $0 : nil }
    }

    /// That a user is a visitor.
    struct Join: Sendable {
        let userID: String
        let visitorID: String
        let environmentID: Int64
        let time: Timestamp

        /// Remembers it. One of an environment that is gone is nobody's.
        func insert(into database: Database) throws {
            guard try database.hasEnvironment(environmentID) else { return }
            try database.execute(
                prepared: """
                    INSERT INTO joined_visitors (environment_id, user_id, visitor_id, joined_at) VALUES (?, ?, ?, ?)
                    ON CONFLICT DO UPDATE SET joined_at = max(joined_at, excluded.joined_at)
                    """,
                arguments: [environmentID, userID, visitorID, time])
            try database.prepare(
                """
                DELETE FROM joined_visitors WHERE environment_id = ?1 AND user_id = ?2 AND visitor_id IN (
                    SELECT visitor_id FROM joined_visitors WHERE environment_id = ?1 AND user_id = ?2
                    ORDER BY joined_at DESC, visitor_id LIMIT -1 OFFSET ?3)
                """
            ).execute(arguments: [environmentID, userID, maximumRemembered])
        }
    }

    /// The visitors that a user was joined with, the last one first.
    static func visitors(
        of userID: String, environmentID: Int64, limit: Int, from database: Database
    ) throws -> [String] {
        try database.prepare(
            """
            SELECT visitor_id FROM joined_visitors WHERE environment_id = ? AND user_id = ?
            ORDER BY joined_at DESC, visitor_id LIMIT ?
            """
        ).values(String.self, arguments: [environmentID, userID, limit])
    }
}
