public import ControlStore
import Text
public import Time

/// A key that SDKs fetch a project's configuration with. The key itself is public.
public struct SDKKey: Sendable, Equatable {
    public let id: Int64
    /// What requests carry.
    public let identifier: String
    public let label: String
    /// Name of the environment it opens.
    public let environment: String
    /// First and last characters of the secret; nil when requests need none.
    public let secretHint: String?
    public let isEnabled: Bool
    /// Whether it is the one of its environment that is suggested.
    public let isDefault: Bool
}

/// What to change about an SDK key; nil leaves it.
public struct SDKKeyChanges: Sendable {
    public var label: String?
    public var environment: String?
    public var isEnabled: Bool?
    public var isDefault: Bool?

    public init(
        label: String? = nil, environment: String? = nil, isEnabled: Bool? = nil, isDefault: Bool? = nil
    ) {
        self.label = label
        self.environment = environment
        self.isEnabled = isEnabled
        self.isDefault = isDefault
    }
}

/// Creates, lists, changes and ends the SDK keys of projects.
public struct SDKKeyStore: Sendable {
    private let store: ControlStore
    private let masterKey: MasterKey
    private let clock: WallClock

    public init(store: ControlStore, masterKey: MasterKey, clock: WallClock) {
        self.store = store
        self.masterKey = masterKey
        self.clock = clock
    }

    /// The valid keys of a project, oldest first.
    public func list(_ project: Project) async throws -> [SDKKey] {
        try await store.read { try Self.fetch(project, from: $0) }
    }

    /// - Parameter hasSecret: whether requests must carry a secret besides the key.
    /// - Returns: the key, and its secret, in clear for the only time.
    /// - Throws: ``IdentityError/notFound(_:_:)`` for an environment that the project does not have.
    public func create(
        _ project: Project, label: String, environment: String, hasSecret: Bool, isEnabled: Bool, isDefault: Bool,
        noting note: KeyChangeNote<SDKKey>
    ) async throws -> (key: SDKKey, secret: String?) {
        let now = clock.now
        return try await store.write { [masterKey] database in
            let environmentID = try Self.environmentID(environment, project, in: database)
            let created = try KeyIssue(database: database, masterKey: masterKey, now: now).key(
                .sdkKey,
                for: .init(accountID: project.accountID, projectID: project.id, environmentID: environmentID),
                label: label)
            if !hasSecret {
                try database.execute(
                    sql: "UPDATE api_keys SET secret_hint = NULL WHERE id = ?", arguments: [created.key.id])
            }
            let changes = SDKKeyChanges(isEnabled: isEnabled, isDefault: isDefault)
            guard let issued = try Self.find(created.key.identifier, project, in: database),
                let key = try Self.change(issued, changes, project, in: database)
            else { throw IdentityError.notFound(.sdkKey, "\(created.key.identifier)") }
            try note.write(nil, key, database)
            return (key, hasSecret ? created.secret : nil)
        }
    }

    /// - Returns: the key as it is then; nil when the project has no such valid one.
    /// - Throws: ``IdentityError/notFound(_:_:)`` for an environment that the project does not have.
    public func update(
        _ identifier: String, _ changes: SDKKeyChanges, _ project: Project, noting note: KeyChangeNote<SDKKey>
    ) async throws -> SDKKey? {
        try await store.write { database in
            guard let old = try Self.find(identifier, project, in: database),
                let new = try Self.change(old, changes, project, in: database)
            else { return nil }
            if new != old { try note.write(old, new, database) }
            return new
        }
    }

    /// Ends a key.
    /// - Returns: false when the project has no such valid one.
    public func delete(
        _ identifier: String, _ project: Project, noting note: KeyChangeNote<SDKKey>
    ) async throws -> Bool {
        let now = clock.now
        return try await store.write { database in
            guard let key = try Self.find(identifier, project, in: database) else { return false }
            try database.execute(sql: "UPDATE api_keys SET revoked_at = ? WHERE id = ?", arguments: [now, key.id])
            try note.write(key, nil, database)
            return true
        }
    }

    private static func find(_ identifier: String, _ project: Project, in database: Database) throws -> SDKKey? {
        try fetch(project, from: database).first { $0.identifier.hasSameBytes(as: identifier) }
    }

    private static func change(
        _ old: SDKKey, _ changes: SDKKeyChanges, _ project: Project, in database: Database
    ) throws -> SDKKey? {
        let environmentID = try environmentID(changes.environment ?? old.environment, project, in: database)
        let isDefault = changes.isDefault ?? old.isDefault
        if isDefault {
            // One default an environment.
            try database.execute(
                sql: "UPDATE api_keys SET is_default = 0 WHERE project_id = ? AND kind = ? AND environment_id = ?",
                arguments: [project.id, APIKeyKind.sdkKey.rawValue, environmentID])
        }
        try database.execute(
            sql: "UPDATE api_keys SET label = ?, environment_id = ?, is_enabled = ?, is_default = ? WHERE id = ?",
            arguments: [
                changes.label ?? old.label, environmentID, changes.isEnabled ?? old.isEnabled,
                isDefault, old.id,
            ])
        return try find(old.identifier, project, in: database)
    }

    private static func environmentID(_ name: String, _ project: Project, in database: Database) throws -> Int64 {
        let id = try database.value(
            Int64.self, sql: "SELECT id FROM environments WHERE project_id = ? AND name = ?",
            arguments: [project.id, name])
        guard let id else { throw IdentityError.notFound(.environment, "\(name)") }
        return id
    }

    /// A key of the whole project works in the default environment.
    private static func fetch(_ project: Project, from database: Database) throws -> [SDKKey] {
        try database.rows(
            sql: """
                SELECT k.id, k.identifier, k.label, k.secret_hint, k.is_enabled, k.is_default, e.name AS environment
                FROM api_keys k JOIN environments e
                    ON e.project_id = k.project_id AND (e.id = k.environment_id OR (k.environment_id IS NULL AND e.is_default))
                WHERE k.project_id = ? AND k.kind = ? AND k.revoked_at IS NULL ORDER BY k.id
                """,
            arguments: [project.id, APIKeyKind.sdkKey.rawValue]
        ).map { row in
            try SDKKey(
                id: row.read("id"), identifier: row.read("identifier"),
                label: row.read("label"), environment: row.read("environment"),
                secretHint: row.read("secret_hint"), isEnabled: row.read("is_enabled"),
                isDefault: row.read("is_default"))
        }
    }
}
