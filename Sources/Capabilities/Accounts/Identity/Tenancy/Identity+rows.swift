import ControlStore
import GRDB
import Time

extension ProjectEnvironment {
    init(row: Row) {
        self.init(
            id: row["id"], projectID: row["project_id"], appToken: row["app_token"], name: row["name"],
            isDefault: row["is_default"], createdAt: row["created_at"])
    }

    /// An environment of the account; nil when it is another account's.
    static func fetch(_ id: Int64, accountID: Int64, from database: Database) throws -> ProjectEnvironment? {
        try Row.fetchOne(
            database,
            sql: """
                SELECT e.* FROM environments e JOIN projects p ON p.id = e.project_id
                WHERE e.id = ? AND p.account_id = ?
                """,
            arguments: [id, accountID]
        ).map(ProjectEnvironment.init(row:))
    }
}

extension APIKey {
    /// Nil for a kind that this version does not know.
    init?(row: Row) {
        guard let kind = APIKeyKind(rawValue: row["kind"]) else { return nil }
        self.init(
            id: row["id"], kind: kind, accountID: row["account_id"], projectID: row["project_id"],
            environmentID: row["environment_id"], identifier: row["identifier"], label: row["label"],
            scopes: APIKeyScope.parse(row["scopes"]), createdAt: row["created_at"], revokedAt: row["revoked_at"])
    }
}
