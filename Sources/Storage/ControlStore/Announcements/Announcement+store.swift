package import JSON
package import Time

extension Announcement {
    /// Announces something. In an environment that is gone nobody is told.
    package static func add(
        _ kind: Kind, _ content: JSONObject, environmentID: Int64, at now: Timestamp, in database: Database
    ) throws {
        try database.executeUnlessOrphaned(
            sql: "INSERT INTO announcements (environment_id, kind, content, created_at) VALUES (?, ?, ?, ?)",
            arguments: [environmentID, kind.rawValue, JSONValue.object(content).encodedString, now])
    }

    /// The announcements of an environment behind one, in their order.
    /// - Parameter id: of the last that was dealt with; 0 for none.
    package static func page(
        _ kind: Kind, environmentID: Int64, behind id: Int64, limit: Int, from database: Database
    ) throws -> [Announcement] {
        try Row.page(of: "announcement", behind: id, limit: limit, as: Announcement.init(row:)) { id, limit in
            try database.rows(
                prepared: """
                    SELECT * FROM announcements WHERE environment_id = ? AND kind = ? AND id > ? ORDER BY id LIMIT ?
                    """,
                arguments: [environmentID, kind.rawValue, id, limit])
        }
    }

    /// The id of the newest of a kind; nil when there is none.
    package static func newest(_ kind: Kind, environmentID: Int64, from database: Database) throws -> Int64? {
        try database.value(
            Int64.self, prepared: "SELECT max(id) FROM announcements WHERE environment_id = ? AND kind = ?",
            arguments: [environmentID, kind.rawValue])
    }

    /// The id of the newest of all; 0 when there is none. What comes later has a higher one.
    package static func last(from database: Database) throws -> Int64 {
        try database.value(Int64.self, prepared: "SELECT max(id) FROM announcements") ?? 0
    }

    /// Behind which id lies what happened in an environment from a time on; nil when nothing has.
    package static func place(since time: Timestamp, environmentID: Int64, from database: Database) throws -> Int64? {
        try database.value(
            Int64.self,
            sql: "SELECT min(id) - 1 FROM announcements WHERE environment_id = ? AND created_at >= ?",
            arguments: [environmentID, time])
    }

    /// Forgets what happened before a time.
    package static func remove(before time: Timestamp, from store: ControlStore) async throws {
        try await store.removeInPieces(
            sql: "DELETE FROM announcements WHERE id IN (SELECT id FROM announcements WHERE created_at < ? LIMIT ?)",
            arguments: [time])
    }
}
