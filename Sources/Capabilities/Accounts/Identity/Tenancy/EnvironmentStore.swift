public import ControlStore
public import Time

/// Accounts, projects and their environments.
public struct EnvironmentStore: Sendable {
    private let store: ControlStore
    private let masterKey: MasterKey
    private let clock: WallClock
    private let limits: (any EnvironmentLimits)?

    /// - Parameter limits: how many environments projects may have; nil for any number.
    public init(
        store: ControlStore, masterKey: MasterKey, clock: WallClock, limits: (any EnvironmentLimits)? = nil
    ) {
        self.limits = limits
        self.store = store
        self.masterKey = masterKey
        self.clock = clock
    }

    /// All accounts, oldest first.
    public func accounts() async throws -> [Account] {
        try await store.read { database in
            try database.rows(sql: "SELECT * FROM accounts ORDER BY id").map { row in
                try Account(
                    id: row.read("id"), name: row.read("name"), createdAt: row.read("created_at"))
            }
        }
    }

    /// Adds an account without users.
    public func createAccount(name: String) async throws -> Account {
        guard (1...255).contains(name.count) else { throw IdentityError.invalidName(field: "name") }
        let now = clock.now
        return try await store.write { [masterKey] database in
            let id = try KeyIssue(database: database, masterKey: masterKey, now: now).account(name: name)
            return Account(id: id, name: name, createdAt: now)
        }
    }

    /// The projects of an account, oldest first.
    public func projects(accountID: Int64) async throws -> [Project] {
        try await store.read { database in
            try database.rows(
                sql: "SELECT * FROM projects WHERE account_id = ? ORDER BY id", arguments: [accountID]
            ).map { row in
                try Project(
                    id: row.read("id"), accountID: row.read("account_id"), name: row.read("name"),
                    type: ProjectType(rawValue: row.read("type")) ?? .web, createdAt: row.read("created_at"))
            }
        }
    }

    /// Adds a project with its default environment.
    /// - Throws: ``IdentityError``.
    public func createProject(
        name: String, type: ProjectType, accountID: Int64
    ) async throws -> (project: Project, environment: ProjectEnvironment) {
        guard (1...255).contains(name.count) else { throw IdentityError.invalidName(field: "name") }
        let now = clock.now
        return try await store.write { [masterKey] database in
            let exists = try database.value(
                Bool.self, sql: "SELECT EXISTS (SELECT 1 FROM accounts WHERE id = ?)", arguments: [accountID])
            guard exists == true else { throw IdentityError.notFound(.account, "\(accountID)") }
            return try KeyIssue(database: database, masterKey: masterKey, now: now)
                .project(name: name, type: type, accountID: accountID)
        }
    }

    /// The environments of an account's project, oldest first; none when the project is another account's.
    public func environments(projectID: Int64, accountID: Int64) async throws -> [ProjectEnvironment] {
        try await store.read { database in
            try database.rows(
                sql: """
                    SELECT e.* FROM environments e JOIN projects p ON p.id = e.project_id
                    WHERE e.project_id = ? AND p.account_id = ? ORDER BY e.id
                    """,
                arguments: [projectID, accountID]
            ).map(ProjectEnvironment.init(row:))
        }
    }

    /// One environment by its id, of any account: for the server's own work, such as a job that carries the id.
    public func environment(id: Int64) async throws -> ProjectEnvironment? {
        try await store.read { database in
            try database.row(sql: "SELECT * FROM environments WHERE id = ?", arguments: [id])
                .map(ProjectEnvironment.init(row:))
        }
    }

    /// Adds an environment to an account's project.
    /// - Throws: ``IdentityError``.
    public func createEnvironment(
        name: String, projectID: Int64, accountID: Int64
    ) async throws -> ProjectEnvironment {
        guard (1...255).contains(name.count) else { throw IdentityError.invalidName(field: "name") }
        let now = clock.now
        return try await store.write { [masterKey] database in
            let exists = try database.value(
                Bool.self, sql: "SELECT EXISTS (SELECT 1 FROM projects WHERE id = ? AND account_id = ?)",
                arguments: [projectID, accountID])
            guard exists == true else { throw IdentityError.notFound(.project, "\(projectID)") }
            let isTaken = try database.value(
                Bool.self, sql: "SELECT EXISTS (SELECT 1 FROM environments WHERE project_id = ? AND name = ?)",
                arguments: [projectID, name])
            if isTaken == true { throw IdentityError.environmentNameTaken(name) }
            if let limit = try limits?.environmentLimit(accountID: accountID, at: now, in: database) {
                let count = try database.value(
                    Int64.self, sql: "SELECT count(*) FROM environments WHERE project_id = ?", arguments: [projectID])
                if count ?? 0 >= limit { throw IdentityError.tooManyEnvironments(limit: limit) }
            }
            return try KeyIssue(database: database, masterKey: masterKey, now: now)
                .environment(name: name, projectID: projectID, isDefault: false)
        }
    }
}
