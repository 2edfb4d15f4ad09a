public import ControlStore
import Cryptography
import Synchronization
import Text

/// Recognises tokens without going to the store: all valid ones are held in memory by their digest.
///
/// A token is looked up by its SHA-256. Whatever the time a lookup takes might tell about a digest, nobody can steer
/// the digest of a guess, so nothing about a token is learned from it.
public final class KeyRing: Sendable {
    private let store: ControlStore
    private let keys = Mutex<[Digest: EnvironmentKey]>([:])
    private let gainsightKeys = Mutex<[Digest: EnvironmentKey]>([:])
    private let convertKeys = Mutex<[ClientText: ConvertKey]>([:])

    /// Reads all valid keys.
    public init(store: ControlStore) async throws {
        self.store = store
        try await reload()
    }

    /// Reads all valid keys again. Needed when another process has changed them.
    public func reload() async throws {
        // On the writer's connection, so that no change can come between reading the keys and taking them over.
        try await store.write { database in
            let tokens = try Self.validKeys(.userpilotToken, database)
            self.keys.withLock { $0 = tokens }
            let productKeys = try Self.validKeys(.gainsightKey, database)
            self.gainsightKeys.withLock { $0 = productKeys }
            let applications = try ConvertKey.fetchAll(from: database)
            self.convertKeys.withLock { $0 = applications }
        }
    }

    /// The environment that a Userpilot token opens; nil when the token is unknown or revoked. Never blocks.
    public func environmentKey(forUserpilotToken token: UnsafeRawBufferPointer) -> EnvironmentKey? {
        let digest = Digest(of: token)
        return keys.withLock { $0[digest] }
    }

    /// The same for a token that is a string.
    public func environmentKey(forUserpilotToken token: String) -> EnvironmentKey? {
        var token = token
        return token.withUTF8 { environmentKey(forUserpilotToken: UnsafeRawBufferPointer($0)) }
    }

    /// The environment that a Gainsight PX key opens; nil when the key is unknown or revoked. Never blocks.
    public func environmentKey(forGainsightKey key: String) -> EnvironmentKey? {
        let digest = SecretToken.digest(of: key)
        return gainsightKeys.withLock { $0[digest] }
    }

    /// The Convert application of this id; nil when it is unknown or revoked. Never blocks.
    public func convertKey(applicationID: String) -> ConvertKey? {
        convertKeys.withLock { $0[ClientText(applicationID)] }
    }

    /// The valid Convert applications of an account, oldest first.
    func convertKeys(accountID: Int64) -> [ConvertKey] {
        convertKeys.withLock { $0.values.filter { $0.accountID == accountID } }.sorted { $0.keyID < $1.keyID }
    }

    func add(_ key: EnvironmentKey, kind: APIKeyKind, digest: Digest) {
        if kind == .gainsightKey {
            gainsightKeys.withLock { $0[digest] = key }
        } else {
            keys.withLock { $0[digest] = key }
        }
    }

    func add(_ key: ConvertKey) {
        convertKeys.withLock { $0[ClientText(key.identifier)] = key }
    }

    func remove(keyID: Int64) {
        forget { $0.keyID == keyID }
        convertKeys.withLock { keys in
            for (identifier, key) in keys where key.keyID == keyID { keys[identifier] = nil }
        }
    }

    /// Forgets the keys of a project that is no more.
    public func remove(projectID: Int64) {
        forget { $0.projectID == projectID }
    }

    private func forget(_ isGone: (EnvironmentKey) -> Bool) {
        keys.withLock { keys in keys = keys.filter { !isGone($0.value) } }
        gainsightKeys.withLock { keys in keys = keys.filter { !isGone($0.value) } }
    }

    private static func validKeys(_ kind: APIKeyKind, _ database: Database) throws -> [Digest: EnvironmentKey] {
        let rows = try database.rows(
            sql: """
                SELECT k.id, k.account_id, k.label, k.secret_digest, k.scopes, e.id AS environment_id, e.project_id, e.name,
                    e.app_token
                FROM api_keys k JOIN environments e ON e.id = k.environment_id
                WHERE k.kind = ? AND k.revoked_at IS NULL
                """,
            arguments: [kind.rawValue])
        var keys: [Digest: EnvironmentKey] = [:]
        // One that cannot be read opens nothing, and the others still do.
        for (digest, key) in rows.readable("API key", entry) { keys[digest] = key }
        return keys
    }

    private static func entry(_ row: Row) throws -> (Digest, EnvironmentKey)? {
        // What is no digest is the digest of no token.
        guard let digest = try Digest(stored: row.read("secret_digest", as: [UInt8].self)) else {
            return nil
        }
        let key = try EnvironmentKey(
            keyID: row.read("id"), accountID: row.read("account_id"), projectID: row.read("project_id"),
            environmentID: row.read("environment_id"), environmentName: row.read("name"),
            appToken: row.read("app_token"), label: row.read("label"),
            allowsExports: APIKeyScope.parse(row.read("scopes")).contains(.exports))
        return (digest, key)
    }
}

extension ConvertKey {
    private static let selection = """
        SELECT id, account_id, identifier, secret_digest, sealed_secret, label, authentication, role, project_ids
        FROM api_keys WHERE kind = ? AND revoked_at IS NULL AND sealed_secret IS NOT NULL
        """

    /// All valid ones, by their application ids.
    fileprivate static func fetchAll(from database: Database) throws -> [ClientText: ConvertKey] {
        let rows = try database.rows(
            sql: selection, arguments: [APIKeyKind.convertApplication.rawValue])
        var keys: [ClientText: ConvertKey] = [:]
        for key in rows.readable("API key", ConvertKey.init(row:)) { keys[ClientText(key.identifier)] = key }
        return keys
    }

    /// Nil when there is no such valid one.
    static func fetch(_ id: Int64, from database: Database) throws -> ConvertKey? {
        try database.row(
            sql: "\(selection) AND id = ?", arguments: [APIKeyKind.convertApplication.rawValue, id]
        ).map(ConvertKey.init(row:))
    }

    private init(row: Row) throws {
        try self.init(
            keyID: row.read("id"), accountID: row.read("account_id"),
            identifier: row.read("identifier"), label: row.read("label"),
            role: row.read("role", as: String?.self).flatMap(Role.init) ?? .accountManager,
            authentication: row.read("authentication", as: String?.self).flatMap(
                ConvertKeyAuthentication.init),
            projectIDs: ConvertKey.projectIDs(row.read("project_ids")),
            secretDigest: row.read("secret_digest", as: [UInt8].self),
            sealedSecret: row.read("sealed_secret", as: [UInt8].self))
    }
}

extension APIKeyScope {
    /// Reads the space-separated form of the store.
    static func parse(_ text: String) -> Set<APIKeyScope> {
        Set(text.split(separator: " ").compactMap { APIKeyScope(rawValue: String($0)) })
    }
}
