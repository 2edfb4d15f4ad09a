public import ControlStore
import Cryptography
public import Time

/// Tokens that let people preview what is not running yet (contract operation `generateDebugToken`).
public struct DebugTokenStore: Sendable {
    private let store: ControlStore
    private let clock: WallClock

    /// A day of previews.
    static let lifetimeSeconds: Int64 = 86_400

    public init(store: ControlStore, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// Makes a token for a project; what has expired is forgotten.
    /// - Returns: the token, in clear for the only time, and the time up to which it is good.
    public func create(_ project: Project) async throws -> (value: String, expiresAt: Timestamp) {
        let value = SecretToken.make(prefix: "sxd_")
        let now = clock.now
        let expiresAt = now.adding(seconds: Self.lifetimeSeconds)
        try await store.write { database in
            try database.execute(sql: "DELETE FROM debug_tokens WHERE expires_at <= ?", arguments: [now])
            try database.execute(
                sql: "INSERT INTO debug_tokens (digest, project_id, expires_at) VALUES (?, ?, ?)",
                arguments: [SecretToken.digest(of: value).bytes, project.id, expiresAt])
        }
        return (value, expiresAt)
    }

    /// Whether a token opens the project's previews now.
    public func isValid(_ value: String, projectID: Int64) async throws -> Bool {
        let now = clock.now
        return try await store.read { database in
            try database.value(
                Bool.self,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM debug_tokens WHERE digest = ? AND project_id = ? AND expires_at > ?)
                    """,
                arguments: [SecretToken.digest(of: value).bytes, projectID, now]) ?? false
        }
    }
}
