public import ControlStore
import Cryptography
import Synchronization
import Text

/// What an SDK key opens.
public struct SDKAccess: Sendable, Equatable {
    public let projectID: Int64
    public let accountID: Int64
    /// The environment that the key is for; nil for one that works in all of the project's.
    public let environment: String?
    let secretDigest: [UInt8]?

    /// Whether requests must carry a secret.
    public var hasSecret: Bool { secretDigest != nil }

    /// Whether a request with this key must, and does, carry the key's secret.
    /// - Parameter secret: what the request carries.
    public func admits(secret: String?) -> Bool {
        guard let secretDigest else { return true }
        guard let secret else { return false }
        return SecretToken.digest(of: secret) == Digest(stored: secretDigest)
    }

    /// What a key with a secret opens that is not there, to ask policies about.
    public static let example = SDKAccess(projectID: 0, accountID: 0, environment: nil, secretDigest: [])
}

/// Recognises SDK keys, from memory while nothing about keys has changed.
public final class SDKKeyRing: Sendable {
    private let store: ControlStore
    private let watch: TableWatch
    private let known = Mutex<Known>(Known())
    /// How often everything was forgotten.
    private let forgotten = Atomic<Int>(0)

    private struct Known {
        var commits = -1
        var keys: [ClientText: SDKAccess] = [:]
    }

    public init(store: ControlStore) {
        self.store = store
        watch = TableWatch(store, tables: ["api_keys", "environments", "projects"])
    }

    /// Has every key read from the store when it is next used. Needed when another process has changed keys.
    func forget() { forgotten.add(1, ordering: .releasing) }

    /// What a key opens; nil when it is unknown, ended or switched off.
    public func access(_ identifier: String) async throws -> SDKAccess? {
        let commits = watch.count &+ forgotten.load(ordering: .acquiring)
        let found = known.withLock { $0.commits == commits ? $0.keys[ClientText(identifier)] : nil }
        if let found { return found }
        let access = try await store.read { database in
            try database.row(
                sql: """
                    SELECT k.project_id, k.account_id, k.secret_hint, k.secret_digest, e.name AS environment
                    FROM api_keys k LEFT JOIN environments e ON e.id = k.environment_id
                    WHERE k.identifier = ? AND k.kind = 'sdk_key' AND k.revoked_at IS NULL AND k.is_enabled
                        AND k.project_id IS NOT NULL
                    """,
                arguments: [identifier]
            ).map { row in
                let digest: [UInt8] = try row.read("secret_digest")
                return try SDKAccess(
                    projectID: row.read("project_id"), accountID: row.read("account_id"),
                    environment: row.read("environment"),
                    secretDigest: row.read("secret_hint", as: String?.self) == nil ? nil : digest)
            }
        }
        // Unknown keys are not kept: there is no end to them.
        guard let access else { return nil }
        known.withLock { known in
            if known.commits != commits { known = Known(commits: commits) }
            known.keys[ClientText(identifier)] = access
        }
        return access
    }
}
