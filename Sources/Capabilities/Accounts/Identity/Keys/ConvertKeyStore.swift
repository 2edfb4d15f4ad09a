public import ControlStore
import JSON
public import Time

/// A Convert application to be.
public struct NewConvertKey: Sendable {
    public var label: String
    public var role: Role
    public var authentication: ConvertKeyAuthentication
    /// Empty for all projects of the account.
    public var projectIDs: [Int64]

    public init(
        label: String, role: Role, authentication: ConvertKeyAuthentication, projectIDs: [Int64] = []
    ) {
        self.label = label
        self.role = role
        self.authentication = authentication
        self.projectIDs = projectIDs
    }
}

/// Creates, lists and ends Convert applications, and keeps the key ring in step.
public struct ConvertKeyStore: Sendable {
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

    /// Makes an application; it works as soon as this returns.
    /// - Returns: the application and its secret, in clear for the only time.
    /// - Throws: ``IdentityError/notFound(_:_:)`` for a project that is not the account's.
    public func create(
        _ new: NewConvertKey, accountID: Int64, noting note: KeyChangeNote<ConvertKey>
    ) async throws -> (key: ConvertKey, secret: String) {
        let now = clock.now
        let created = try await store.write { [masterKey] database in
            for id in new.projectIDs {
                let isThere = try database.value(
                    Bool.self, sql: "SELECT EXISTS (SELECT 1 FROM projects WHERE id = ? AND account_id = ?)",
                    arguments: [id, accountID])
                guard isThere == true else { throw IdentityError.notFound(.project, "\(id)") }
            }
            let issue = KeyIssue(database: database, masterKey: masterKey, now: now)
            let created = try issue.key(.convertApplication, for: .init(accountID: accountID), label: new.label)
            let projects = JSONValue.array(new.projectIDs.map { .integer($0) }).encodedString
            try database.execute(
                sql: "UPDATE api_keys SET authentication = ?, role = ?, project_ids = ? WHERE id = ?",
                arguments: [
                    new.authentication.rawValue, new.role.rawValue, projects, created.key.id,
                ])
            guard let key = try ConvertKey.fetch(created.key.id, from: database) else {
                throw IdentityError.notFound(.key, "\(created.key.identifier)")
            }
            try note.write(nil, key, database)
            return (key: key, secret: created.secret)
        }
        keyRing.add(created.key)
        return created
    }

    /// The valid applications of an account, oldest first.
    public func list(accountID: Int64) -> [ConvertKey] {
        keyRing.convertKeys(accountID: accountID)
    }

    /// What may be shown of the secret later on.
    public func maskedSecret(of key: ConvertKey) -> String {
        // One that was lost with an earlier master key is not shown in part either.
        (try? masterKey.unseal(key.sealedSecret, context: key.identifier)).map(SecretToken.hint) ?? ""
    }

    /// Ends an application; requests that carry it fail as soon as this returns.
    /// - Returns: false when the account has no such valid one.
    /// - Throws: ``IdentityError/lastKey`` for the last one that may manage the account.
    public func delete(
        _ identifier: String, accountID: Int64, noting note: KeyChangeNote<ConvertKey>
    ) async throws -> Bool {
        guard let key = keyRing.convertKey(applicationID: identifier), key.accountID == accountID else { return false }
        let now = clock.now
        let isRevoked = try await store.write { database in
            let isRevoked = try KeyStore.revoke(
                key.keyID, accountID: accountID, leaving: key.mayManageKeys ? .managing : nil, at: now,
                in: database)
            if isRevoked { try note.write(key, nil, database) }
            return isRevoked
        }
        if isRevoked { keyRing.remove(keyID: key.keyID) }
        return isRevoked
    }
}
