public import ControlStore
public import Time

/// Adds and repairs logins by hand, for who runs the server.
public struct UserStore: Sendable {
    private let store: ControlStore
    private let clock: WallClock

    public init(store: ControlStore, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// A user, and what they may do by account.
    public struct Entry: Sendable {
        public let user: User
        public let accesses: [Int64: Accesses]
    }

    /// All there are, oldest first.
    public func list() async throws -> [Entry] {
        try await store.read { database in
            try database.rows(sql: "SELECT \(User.columns) FROM users ORDER BY id").readable("user", User.init(row:))
                .map {
                    Entry(user: $0, accesses: try Accesses.fetch(ofUser: $0.id, from: database))
                }
        }
    }

    /// Adds a user, or gives one who is there further access.
    /// - Parameters:
    ///   - password: nil for a random one, which is to be changed at the first login.
    ///   - projectIDs: of the account; empty for the whole account.
    /// - Returns: the password, where it was made.
    /// - Throws: ``IdentityError``.
    public func add(
        email: String, password: String?, role: Role, accountID: Int64, projectIDs: [Int64]
    ) async throws -> String? {
        guard User.isEmailAddress(email) else { throw IdentityError.invalidEmail(email) }
        if let password, !(8...256).contains(password.unicodeScalars.count) {
            throw IdentityError.passwordLength(password.unicodeScalars.count)
        }
        let made = password == nil ? SecretToken.make(prefix: "") : nil
        let hash = try await PasswordHash.make(password ?? made ?? "")
        let now = clock.now
        return try await store.write { database in
            guard try Account.settings(of: accountID, from: database) != nil else {
                throw IdentityError.notFound(.account, "\(accountID)")
            }
            for id in projectIDs where try Project.fetch(id, from: database)?.accountID != accountID {
                throw IdentityError.notFound(.project, "\(id)")
            }
            let known = try User.fetch(email: email, from: database)
            let id =
                try known?.id
                ?? database.insert(
                    sql: """
                        INSERT INTO users (email, password_hash, must_change_password, created_at) VALUES (?, ?, ?, ?)
                        """,
                    arguments: [email, hash, made != nil, now])
            let own = try Accesses.fetch(ofUser: id, from: database)[accountID]
            var projects = own?.projects ?? [:]
            for project in projectIDs { projects[project] = role }
            try Accesses(everywhere: projectIDs.isEmpty ? role : own?.everywhere, projects: projects)
                .store(ofUser: id, in: accountID, at: now, database)
            return known == nil ? made : nil
        }
    }

    /// Gives a user another password, and ends their sessions.
    /// - Parameter password: nil for a random one, which is to be changed at the next login.
    /// - Returns: the password, where it was made.
    /// - Throws: ``IdentityError``.
    public func resetPassword(of email: String, to password: String?) async throws -> String? {
        if let password, !(8...256).contains(password.unicodeScalars.count) {
            throw IdentityError.passwordLength(password.unicodeScalars.count)
        }
        let made = password == nil ? SecretToken.make(prefix: "") : nil
        let hash = try await PasswordHash.make(password ?? made ?? "")
        try await change(email) { user, database in
            try UserSecrets.setPasswordHash(hash, of: user.id, mustChange: made != nil, in: database)
        }
        return made
    }

    /// Has logins of a user take no code of an authenticator app any more.
    /// - Throws: ``IdentityError``.
    public func disableMFA(of email: String) async throws {
        try await change(email) { user, database in try UserSecrets.setMFA(enabledAt: nil, of: user.id, in: database) }
    }

    /// Removes a login, with its sessions and all that it may do. What its user did stays in the histories, under the name.
    /// - Throws: ``IdentityError``; ``IdentityError/lastOwner(accountID:)`` for whom an account cannot do without.
    public func remove(_ email: String) async throws {
        try await change(email) { user, database in
            let owned = try Accesses.fetch(ofUser: user.id, from: database).filter { $0.value.everywhere == .owner }
            for accountID in owned.keys.sorted() {
                guard try Accesses.hasOwner(accountID: accountID, besides: user.id, from: database) else {
                    throw IdentityError.lastOwner(accountID: accountID)
                }
            }
            try database.execute(sql: "DELETE FROM users WHERE id = ?", arguments: [user.id])
        }
    }

    private func change(_ email: String, _ body: @escaping @Sendable (User, Database) throws -> Void) async throws {
        try await store.write { database in
            guard let user = try User.fetch(email: email, from: database) else {
                throw IdentityError.notFound(.user, email)
            }
            try body(user, database)
        }
    }
}
