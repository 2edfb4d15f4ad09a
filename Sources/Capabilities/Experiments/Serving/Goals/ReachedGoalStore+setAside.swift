public import ControlStore
import Foundation
import JSON
import Time

/// Goals that cannot be counted.
extension ReachedGoalStore {
    fileprivate static let columns = [
        "environment_id", "project_id", "goal_id", "user_id", "visitor_id", "occurred_at", "received_at", "revenue",
        "products_count", "transaction_id",
    ]

    /// Sets a goal aside, as it is written.
    func setAside(_ id: Int64, _ reason: String, attempts: Int, at now: Timestamp) async throws {
        try await store.write { database in
            let row = try database.row(
                sql: """
                    SELECT \(SQL.object(of: Self.columns)) AS content, environment_id, ifnull(user_id, visitor_id) AS person,
                        CAST(received_at AS INTEGER) AS received_at
                    FROM reached_goals WHERE id = ?
                    """,
                arguments: [id])
            guard let row else { return }
            try SetAside.insert(
                SetAsideEntry(
                    kind: .reachedGoal, environmentID: row.read("environment_id"), subject: String(id),
                    userID: row.read("person"), receivedAt: row.read("received_at"), reason: reason, attempts: attempts,
                    content: Array(row.read("content", as: String.self).utf8)), at: now, in: database)
            try database.execute(sql: "DELETE FROM reached_goals WHERE id = ?", arguments: [id])
        }
    }
}

/// Has goals counted that were set aside: the tracker finds them within seconds.
public struct ReachedGoalRetry: Sendable {
    private let store: ControlStore

    public init(store: ControlStore) {
        self.store = store
    }

    /// - Throws: why it still cannot be counted.
    public func retry(_ item: SetAsideItem) async throws {
        let content = String(decoding: item.entry.content ?? [], as: UTF8.self)
        try await store.write { database in
            let columns = ReachedGoalStore.columns
            let values = columns.map { "\(SQL.member($0, of: "?")) AS \($0)" }.joined(separator: ", ")
            let row = try database.row(
                sql: "SELECT \(values)", arguments: Arguments(columns.map { _ in content }))
            guard let row, try SetAside.remove(item, in: database) else { return }
            try ReachedGoal(row: row).insert(into: database)
        }
    }
}
