import ControlStore
package import GRDB
import Time

extension APIKey {
    /// Nil for a kind that this version does not know.
    init?(row: Row) {
        guard let kind = APIKeyKind(rawValue: row["kind"]) else { return nil }
        self.init(
            id: row["id"], kind: kind, accountID: row["account_id"], projectID: row["project_id"],
            environmentID: row["environment_id"], identifier: row["identifier"], label: row["label"],
            scopes: APIKeyScope.parse(row["scopes"]), createdAt: row["created_at"], revokedAt: row["revoked_at"])
    }

    /// What the public key of a project's SDKs is: the oldest that is valid.
    package static func sdkKey(of projectID: Int64, from database: Database) throws -> String? {
        try String.fetchOne(
            database,
            sql: """
                SELECT identifier FROM api_keys WHERE project_id = ? AND kind = 'sdk_key' AND revoked_at IS NULL
                ORDER BY id LIMIT 1
                """,
            arguments: [projectID])
    }
}
