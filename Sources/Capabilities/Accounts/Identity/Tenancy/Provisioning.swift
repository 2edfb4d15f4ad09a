public import ControlStore
public import Time

/// Sets up a new installation.
public struct Provisioning: Sendable {
    private let store: ControlStore
    private let masterKey: MasterKey
    private let clock: WallClock

    public init(store: ControlStore, masterKey: MasterKey, clock: WallClock) {
        self.store = store
        self.masterKey = masterKey
        self.clock = clock
    }

    /// Whether the store has an account.
    public func isInitialized() async throws -> Bool {
        try await store.read { try Self.hasAccount($0) }
    }

    /// Creates the first account and user, a web and a fullstack project, and one key of each kind, all or nothing.
    /// Userpilot's and Gainsight PX's keys belong to the web project.
    /// - Parameters:
    ///   - email: of the first user; `admin@localhost` when nil.
    ///   - password: 8 to 256 characters; a random one when nil.
    ///   - handOver: tells the secrets to whoever asked. Where it throws nothing is created: what is stored and told to nobody
    ///     would be of no use.
    /// - Throws: ``IdentityError``; what `handOver` throws.
    @discardableResult
    public func initialize(
        email: String? = nil, password: String? = nil,
        handOver: @escaping @Sendable (InitialCredentials) throws -> Void = { _ in }
    ) async throws -> InitialCredentials {
        try Self.check(email: email, password: password)
        let email = email ?? "admin@localhost"
        let password = password ?? SecretToken.make(prefix: "")
        if try await isInitialized() { throw IdentityError.alreadyInitialized }
        let passwordHash = try await PasswordHash.make(password)
        let now = clock.now
        return try await store.write { [masterKey] database in
            if try Self.hasAccount(database) { throw IdentityError.alreadyInitialized }
            let issue = KeyIssue(database: database, masterKey: masterKey, now: now)
            let accountID = try issue.account(name: "Default")
            try issue.user(email: email, passwordHash: passwordHash, accountID: accountID, role: .owner)
            let (web, environment) = try issue.project(name: "Web", type: .web, accountID: accountID)
            let (fullstack, _) = try issue.project(name: "Fullstack", type: .fullstack, accountID: accountID)
            let label = "initial"
            let convert = try issue.key(.convertApplication, for: .init(accountID: accountID), label: label)
            let userpilot = try issue.key(
                .userpilotToken,
                for: .init(accountID: accountID, projectID: web.id, environmentID: environment.id), label: label,
                scopes: [.exports])
            let gainsight = try issue.key(
                .gainsightKey,
                for: .init(accountID: accountID, projectID: web.id, environmentID: environment.id), label: label,
                scopes: [.exports])
            let sdk = try issue.key(
                .sdkKey, for: .init(accountID: accountID, projectID: fullstack.id), label: label)
            let made = InitialCredentials(
                accountID: accountID, user: .init(email: email, password: password),
                convert: .init(applicationID: convert.key.identifier, secret: convert.secret),
                userpilot: .init(token: userpilot.secret, appToken: environment.appToken),
                gainsightPX: .init(apiKey: gainsight.secret),
                projects: .init(
                    web: .init(id: web.id),
                    fullstack: .init(id: fullstack.id, sdkKey: sdk.key.identifier, sdkSecret: sdk.secret)))
            try handOver(made)
            return made
        }
    }

    /// Whether a first user may be called so, before anything is made.
    /// - Throws: ``IdentityError``.
    public static func check(email: String?, password: String?) throws(IdentityError) {
        if let email, !User.isEmailAddress(email) { throw .invalidEmail(email) }
        if let password, !(8...256).contains(password.count) { throw .passwordLength(password.count) }
    }

    private static func hasAccount(_ database: Database) throws -> Bool {
        try database.value(Bool.self, sql: "SELECT EXISTS (SELECT 1 FROM accounts)") ?? false
    }
}
