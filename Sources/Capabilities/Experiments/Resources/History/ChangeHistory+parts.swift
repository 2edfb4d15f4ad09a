import ControlStore
package import JSON
package import Time

/// How a part of something, such as a variation of an experience, was changed.
package struct PartChange: Sendable, Equatable {
    package let id: Int64
    /// The members that differ; nil for a part that was made.
    package let old: JSONObject?
    /// The members that differ; nil for a part that was deleted.
    package let new: JSONObject?
    package let at: Timestamp

    package init(id: Int64, old: JSONObject?, new: JSONObject?, at: Timestamp) {
        self.id = id
        self.old = old
        self.new = new
        self.at = at
    }
}

extension ChangeHistory {
    /// The changes of parts of something, oldest first.
    /// - Parameters:
    ///   - object: what kind of parts, such as `variation`.
    ///   - ids: the parts.
    package func parts(_ object: String, _ ids: [Int64]) async throws -> [PartChange] {
        try await store.read { database in
            let rows = try database.rows(
                sql: """
                    SELECT id, object_id, old, new, created_at FROM changes
                    WHERE object = ? AND object_id IN \(SQL.list("?"))
                    """,
                arguments: [object, ListArgument(ids)])
            return try rows.sorted {
                try $0.read("id", as: Int64.self) < $1.read("id", as: Int64.self)
            }.map { row in
                func members(_ column: String) throws -> JSONObject? {
                    try row.read(column, as: String?.self).map { try JSONValue(stored: $0) }?.object
                }
                return try PartChange(
                    id: row.read("object_id"), old: try members("old"), new: try members("new"),
                    at: row.read("created_at"))
            }
        }
    }
}
