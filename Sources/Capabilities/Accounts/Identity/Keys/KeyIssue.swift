import ControlStore
import Cryptography
import Time

/// Makes the rows of the tenancy tables, inside a transaction of the caller's.
struct KeyIssue {
    let database: Database
    let masterKey: MasterKey
    let now: Timestamp

    /// The name of a project's first environment.
    static let defaultEnvironmentName = "production"

    func account(name: String) throws -> Int64 {
        try database.insert(sql: "INSERT INTO accounts (name, created_at) VALUES (?, ?)", arguments: [name, now])
    }

    func user(email: String, passwordHash: String, accountID: Int64, role: Role) throws {
        let userID = try database.insert(
            sql: "INSERT INTO users (email, password_hash, created_at) VALUES (?, ?, ?)",
            arguments: [email, passwordHash, now])
        try Accesses(everywhere: role).store(ofUser: userID, in: accountID, at: now, database)
    }

    /// A project with its default environment.
    func project(
        name: String, type: ProjectType, accountID: Int64
    ) throws -> (project: Project, environment: ProjectEnvironment) {
        let id = try database.insert(
            sql: """
                INSERT INTO projects (account_id, name, type, search_text, created_at, updated_at)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
            arguments: [accountID, name, type.rawValue, name.lowercased(), now, now])
        let project = Project(
            id: id, accountID: accountID, name: name, type: type, createdAt: now)
        let environment = try environment(
            name: Self.defaultEnvironmentName, projectID: project.id, isDefault: true)
        return (project, environment)
    }

    func environment(name: String, projectID: Int64, isDefault: Bool) throws -> ProjectEnvironment {
        let appToken = try freeAppToken()
        let id = try database.insert(
            sql: """
                INSERT INTO environments (project_id, app_token, name, is_default, created_at) VALUES (?, ?, ?, ?, ?)
                """,
            arguments: [projectID, appToken, name, isDefault, now])
        return ProjectEnvironment(
            id: id, projectID: projectID, appToken: appToken, name: name, isDefault: isDefault,
            createdAt: now)
    }

    /// Eight digits are few enough for two environments to draw the same. A change that is made beside the store sees its own
    /// project's only; it is made anew when it has drawn another's.
    private func freeAppToken() throws -> String {
        while true {
            let token = "NX-" + SecretToken.hexadecimal(count: 8)
            let isTaken = try database.value(
                Bool.self, sql: "SELECT EXISTS (SELECT 1 FROM environments WHERE app_token = ?)", arguments: [token])
            if isTaken != true { return token }
        }
    }

    /// Whom a key belongs to.
    struct Owner {
        let accountID: Int64
        var projectID: Int64?
        var environmentID: Int64?
    }

    func key(
        _ kind: APIKeyKind, for owner: Owner, label: String, scopes: Set<APIKeyScope> = []
    ) throws -> CreatedAPIKey {
        let secret = SecretToken.make(prefix: kind.secretPrefix)
        let identifier =
            kind.identifierPrefix.map { $0 + SecretToken.hexadecimal(count: 24) }
            ?? String(secret.prefix(kind.secretPrefix.count + 4))
        let sealed = kind.isRecoverable ? try masterKey.seal(secret, context: identifier) : nil
        let id = try database.insert(
            sql: """
                INSERT INTO api_keys (
                    account_id, project_id, environment_id, kind, identifier, secret_digest, sealed_secret, label,
                    scopes, secret_hint, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                owner.accountID, owner.projectID, owner.environmentID, kind.rawValue, identifier,
                SecretToken.digest(of: secret).bytes, sealed, label,
                scopes.map(\.rawValue).sorted().joined(separator: " "), SecretToken.hint(of: secret), now,
            ])
        let key = APIKey(
            id: id, kind: kind, accountID: owner.accountID, projectID: owner.projectID,
            environmentID: owner.environmentID, identifier: identifier, label: label, scopes: scopes, createdAt: now,
            revokedAt: nil)
        return CreatedAPIKey(key: key, secret: secret)
    }
}

extension APIKeyKind {
    /// Tells a leaked secret from noise.
    fileprivate var secretPrefix: String {
        switch self {
        case .convertApplication: "sxc_"
        case .userpilotToken: "sxu_"
        case .gainsightKey: "sxg_"
        case .sdkKey: "sxs_"
        }
    }

    /// Nil when the key has no public part other than the start of its secret.
    fileprivate var identifierPrefix: String? {
        switch self {
        case .convertApplication: "app_"
        case .sdkKey: "sdk_"
        case .userpilotToken, .gainsightKey: nil
        }
    }

    /// Whether the secret is needed in clear again: Convert's signs requests (HMAC).
    fileprivate var isRecoverable: Bool { self == .convertApplication }
}
