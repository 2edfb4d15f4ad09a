import ControlStore
import Identity
import Resources
import Time

/// The stores of all kinds of keys, as the command line uses them: what it changes stands in the history under its name.
struct KeyDesk {
    let environments: EnvironmentStore
    let projects: ProjectStore
    private let keys: KeyStore
    private let convertKeys: ConvertKeyStore
    private let sdkKeys: SDKKeyStore
    private let history: ChangeHistory

    private static let author = ChangeAuthor(name: "sextant key", method: .app, requestID: nil)

    init(_ store: ControlStore, _ masterKey: MasterKey) async throws {
        let clock = WallClock.system
        let ring = try await KeyRing(store: store)
        environments = EnvironmentStore(store: store, masterKey: masterKey, clock: clock)
        projects = ProjectStore(store: store)
        keys = KeyStore(store: store, masterKey: masterKey, keyRing: ring, clock: clock)
        convertKeys = ConvertKeyStore(store: store, masterKey: masterKey, keyRing: ring, clock: clock)
        sdkKeys = SDKKeyStore(store: store, masterKey: masterKey, clock: clock)
        history = ChangeHistory(store: store, clock: clock)
    }

    /// A key of an environment.
    /// - Returns: its public part, and what clients send.
    func create(
        _ kind: APIKeyKind, environmentID: Int64, accountID: Int64, label: String, allowsExports: Bool
    ) async throws -> (identifier: String, secret: String?) {
        let created = try await keys.createEnvironmentKey(
            kind, environmentID: environmentID, accountID: accountID, label: label, allowsExports: allowsExports)
        return (created.key.identifier, created.secret)
    }

    /// A Convert application.
    func create(_ new: NewConvertKey, accountID: Int64) async throws -> (identifier: String, secret: String?) {
        let note = history.keyChange(accountID: accountID, by: Self.author)
        let created = try await convertKeys.create(new, accountID: accountID, noting: note)
        return (created.key.identifier, created.secret)
    }

    /// An SDK key.
    func create(
        in project: Project, environment: String, label: String, hasSecret: Bool
    ) async throws -> (identifier: String, secret: String?) {
        let created = try await sdkKeys.create(
            project, label: label, environment: environment, hasSecret: hasSecret, isEnabled: true, isDefault: false,
            noting: history.sdkKeyChange(scope(project)))
        return (created.key.identifier, created.secret)
    }

    /// - Returns: false when there is no such valid key any more.
    func revoke(_ key: APIKey) async throws -> Bool {
        switch key.kind {
        case .userpilotToken, .gainsightKey:
            return try await keys.revoke(keyID: key.id, accountID: key.accountID)
        case .convertApplication:
            let note = history.keyChange(accountID: key.accountID, by: Self.author)
            return try await convertKeys.delete(key.identifier, accountID: key.accountID, noting: note)
        case .sdkKey:
            guard let id = key.projectID, let project = try await projects.project(id, accountID: key.accountID) else {
                return false
            }
            return try await sdkKeys.delete(key.identifier, project, noting: history.sdkKeyChange(scope(project)))
        }
    }

    private func scope(_ project: Project) -> ResourceScope {
        ResourceScope(project: project, author: Self.author, role: .owner)
    }
}
