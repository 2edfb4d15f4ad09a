package import ControlStore
import Time

extension APIKey {
    /// Nil for a kind that this version does not know.
    init?(row: Row) throws {
        guard let kind = try APIKeyKind(rawValue: row.read("kind")) else { return nil }
        try self.init(
            id: row.read("id"), kind: kind, accountID: row.read("account_id"), projectID: row.read("project_id"),
            environmentID: row.read("environment_id"), identifier: row.read("identifier"), label: row.read("label"),
            scopes: APIKeyScope.parse(row.read("scopes")), createdAt: row.read("created_at"),
            revokedAt: row.read("revoked_at"))
    }

    /// What the public key of a project's SDKs is: the oldest that is valid.
    package static func sdkKey(of projectID: Int64, from database: Database) throws -> String? {
        try database.value(
            String.self,
            sql: """
                SELECT identifier FROM api_keys WHERE project_id = ? AND kind = 'sdk_key' AND revoked_at IS NULL
                ORDER BY id LIMIT 1
                """,
            arguments: [projectID])
    }
}
