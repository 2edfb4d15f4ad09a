public import ControlStore
public import Time

/// Creates, lists and revokes keys, and keeps the key ring in step.
public struct KeyStore: Sendable {
    private let store: ControlStore
    private let masterKey: MasterKey
    private let keyRing: KeyRing
    private let clock: WallClock

    public init(store: ControlStore, masterKey: MasterKey, keyRing: KeyRing, clock: WallClock) {
        self.store = store
        self.masterKey = masterKey
        self.keyRing = keyRing
        self.clock = clock
    }

    /// Makes a Userpilot token or a Gainsight PX key for an environment of the account; it works as soon as this returns.
    /// - Parameter allowsExports: whether it may read out and manage what is stored.
    /// - Throws: ``IdentityError``.
    public func createEnvironmentKey(
        _ kind: APIKeyKind = .userpilotToken, environmentID: Int64, accountID: Int64, label: String,
        allowsExports: Bool = true
    ) async throws -> CreatedAPIKey {
        guard (1...255).contains(label.count) else { throw IdentityError.invalidName(field: "label") }
        let now = clock.now
        let scopes: Set<APIKeyScope> = allowsExports ? [.exports] : []
        let (created, environment) = try await store.write { [masterKey] database in
            guard
                let environment = try ProjectEnvironment.fetch(
                    environmentID, accountID: accountID, from: database)
            else { throw IdentityError.notFound(.environment, "\(environmentID)") }
            let issue = KeyIssue(database: database, masterKey: masterKey, now: now)
            let owner = KeyIssue.Owner(
                accountID: accountID, projectID: environment.projectID, environmentID: environment.id)
            return (try issue.key(kind, for: owner, label: label, scopes: scopes), environment)
        }
        keyRing.add(
            EnvironmentKey(
                keyID: created.key.id, accountID: accountID, projectID: environment.projectID,
                environmentID: environment.id, environmentName: environment.name, appToken: environment.appToken,
                label: label, allowsExports: allowsExports),
            kind: kind, digest: SecretToken.digest(of: created.secret))
        return created
    }

    /// The keys of an account, oldest first, revoked ones included.
    /// - Parameter kind: only this kind; all when nil.
    public func list(accountID: Int64, kind: APIKeyKind? = nil) async throws -> [APIKey] {
        try await store.read { database in
            try database.rows(
                sql: "SELECT * FROM api_keys WHERE account_id = ? AND (? IS NULL OR kind = ?) ORDER BY id",
                arguments: [accountID, kind?.rawValue, kind?.rawValue]
            ).readable("API key", APIKey.init(row:))
        }
    }

    /// Of what kind one valid key must stay.
    public enum Remaining: Sendable {
        /// That reads out the data of the key's environment.
        case exporting
        /// That manages the account.
        case managing

        /// In SQL, over `other` beside `mine`, the key to be revoked.
        fileprivate var condition: String {
            switch self {
            case .exporting: "other.environment_id = mine.environment_id AND instr(other.scopes, 'exports') > 0"
            case .managing:
                """
                ifnull(other.role, 'account_manager') IN ('admin', 'account_manager')
                AND ifnull(other.project_ids, '[]') = '[]'
                """
            }
        }
    }

    /// Ends a key; requests that carry it fail as soon as this returns.
    /// - Parameter remaining: refuses to end the last key of this kind, also when others are ended at the same moment.
    /// - Returns: false when the account has no such valid key.
    /// - Throws: ``IdentityError/lastKey``.
    @discardableResult
    public func revoke(keyID: Int64, accountID: Int64, leaving remaining: Remaining? = nil) async throws -> Bool {
        let now = clock.now
        let isRevoked = try await store.write { database in
            try Self.revoke(keyID, accountID: accountID, leaving: remaining, at: now, in: database)
        }
        if isRevoked { keyRing.remove(keyID: keyID) }
        return isRevoked
    }

    /// The same inside a transaction of the caller's, who removes the key from the key ring afterwards.
    static func revoke(
        _ keyID: Int64, accountID: Int64, leaving remaining: Remaining?, at now: Timestamp, in database: Database
    ) throws -> Bool {
        if let remaining {
            let isLast = try database.value(
                Bool.self,
                sql: """
                    SELECT NOT EXISTS (
                        SELECT 1 FROM api_keys other WHERE other.account_id = mine.account_id
                        AND other.kind = mine.kind AND other.id <> mine.id AND other.revoked_at IS NULL
                        AND \(remaining.condition))
                    FROM api_keys mine WHERE mine.id = ? AND mine.account_id = ?
                    """,
                arguments: [keyID, accountID])
            if isLast == true { throw IdentityError.lastKey }
        }
        let count = try database.execute(
            sql: "UPDATE api_keys SET revoked_at = ? WHERE id = ? AND account_id = ? AND revoked_at IS NULL",
            arguments: [now, keyID, accountID])
        return count > 0
    }
}
