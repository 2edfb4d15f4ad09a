package import ControlStore
package import JSON
package import Time

/// A resource as it is stored.
package struct Resource: Sendable {
    package let id: Int64
    package let key: String?
    package let name: String
    package let status: String?
    package let document: JSONObject
    package let createdBy: String
    package let createdAt: Timestamp
    package let updatedAt: Timestamp

    init(row: Row) throws {
        id = try row.read("id")
        key = try row.read("key")
        name = try row.read("name")
        status = try row.read("status")
        document = try JSONValue(stored: row.read("document", as: String.self)).object ?? JSONObject()
        createdBy = try row.read("created_by")
        createdAt = try row.read("created_at")
        updatedAt = try row.read("updated_at")
    }

    package static func fetch(_ id: Int64, _ kind: ResourceKind, projectID: Int64, from database: Database) throws
        -> Resource?
    {
        try database.row(
            prepared: "SELECT * FROM resources WHERE id = ? AND project_id = ? AND kind = ?",
            arguments: [id, projectID, kind.rawValue]
        ).map { try Resource(row: $0) }
    }

    package static func fetch(
        key: String, _ kind: ResourceKind, projectID: Int64, from database: Database
    ) throws -> Resource? {
        try database.row(
            prepared: "SELECT * FROM resources WHERE project_id = ? AND kind = ? AND key = ?",
            arguments: [projectID, kind.rawValue, key]
        ).map { try Resource(row: $0) }
    }

    /// The first resource of exactly this name; the index finds it among those that differ by case only.
    package static func id(named name: String, _ kind: ResourceKind, projectID: Int64, from database: Database) throws
        -> Int64?
    {
        try database.value(
            Int64.self,
            prepared: """
                SELECT id FROM resources WHERE project_id = ?1 AND kind = ?2
                AND \(SQL.ignoringCase("name")) = ?3 AND \(SQL.byBytes("name")) = ?3 ORDER BY id LIMIT 1
                """,
            arguments: [projectID, kind.rawValue, name])
    }

    /// What the resource names in its references, in order: field to ids.
    package static func references(of ids: [Int64], from database: Database) throws -> [Int64: [String: [Int64]]] {
        var found: [Int64: [String: [Int64]]] = [:]
        let rows = try database.cursor(
            prepared: """
                SELECT resource_id, field, target_id FROM resource_references
                WHERE resource_id IN \(SQL.list("?")) ORDER BY position
                """,
            arguments: [ListArgument(ids)])
        while let row = try rows.next() {
            try found[row.read("resource_id"), default: [:]][row.read("field"), default: []]
                .append(row.read("target_id"))
        }
        return found
    }

    /// The document of any resource; nil when it is not there.
    package static func document(of id: Int64, from database: Database) throws -> JSONObject? {
        let text = try database.value(
            String.self, prepared: "SELECT document FROM resources WHERE id = ?", arguments: [id])
        return try text.map { try JSONValue(stored: $0).object ?? JSONObject() }
    }

    /// Puts a document in the place of the stored one; whoever calls tells the history.
    /// - Parameter status: nil leaves it as it is.
    package static func store(
        _ document: JSONObject, status: String? = nil, of id: Int64, in database: Database
    ) throws {
        try database.execute(
            prepared: "UPDATE resources SET document = ?, status = ifnull(?, status) WHERE id = ?",
            arguments: [try StoredDocument.text(document), status, id])
    }

    /// Marks a resource as changed when a part of it was.
    package static func touch(_ id: Int64, at now: Timestamp, in database: Database) throws {
        try database.execute(prepared: "UPDATE resources SET updated_at = ? WHERE id = ?", arguments: [now, id])
    }
}
