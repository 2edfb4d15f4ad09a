public import ControlStore
import Cryptography
public import Time

/// Tokens that let people without a key look at one experience and its report (contract operation `getReportToken`).
public struct ReportTokenStore: Sendable {
    private let store: ControlStore
    private let masterKey: MasterKey
    private let clock: WallClock

    /// How long a token is good unless its maker says otherwise, in hours.
    private static let standardHours: Int64 = 24

    public init(store: ControlStore, masterKey: MasterKey, clock: WallClock) {
        self.store = store
        self.masterKey = masterKey
        self.clock = clock
    }

    /// A token in clear, and the time up to which it is good.
    public typealias Token = (value: String, expiresAt: Timestamp)

    /// The experience's valid token, or a new one.
    /// - Parameters:
    ///   - hours: how long a new one is good; 24 when nil.
    ///   - isNew: whether the one there is, if any, ends.
    /// - Throws: ``IdentityError/notFound(_:_:)`` when there is no such experience.
    public func token(experienceID: Int64, hours: Int64?, new isNew: Bool) async throws -> Token {
        let now = clock.now
        return try await store.write { [masterKey] database in
            let context = "report token \(experienceID)"
            if !isNew,
                let row = try database.row(
                    sql: "SELECT * FROM report_tokens WHERE experience_id = ? AND expires_at > ?",
                    arguments: [experienceID, now])
            {
                let sealed: [UInt8] = try row.read("sealed_token")
                // One that was lost with an earlier master key ends, and a new one takes its place.
                if let token = try? masterKey.unseal(sealed, context: context) {
                    return try (token, row.read("expires_at"))
                }
            }
            let value = SecretToken.make(prefix: "sxr_")
            let expiresAt = now.adding(seconds: (hours ?? Self.standardHours).multipliedSaturating(by: 3_600))
            let sealed = try masterKey.seal(value, context: context)
            do {
                try database.execute(
                    sql: """
                        INSERT INTO report_tokens (experience_id, sealed_token, digest, expires_at) VALUES (?, ?, ?, ?)
                        ON CONFLICT (experience_id) DO UPDATE SET
                            sealed_token = excluded.sealed_token, digest = excluded.digest,
                            expires_at = excluded.expires_at
                        """,
                    arguments: [experienceID, sealed, SecretToken.digest(of: value).bytes, expiresAt])
            } catch StoreError.orphaned {
                throw IdentityError.notFound(.experience, "\(experienceID)")
            }
            return (value, expiresAt)
        }
    }

    /// Ends the experience's token.
    public func delete(experienceID: Int64) async throws {
        try await store.write { database in
            try database.execute(sql: "DELETE FROM report_tokens WHERE experience_id = ?", arguments: [experienceID])
        }
    }

    /// Whether a token opens the experience now.
    public func isValid(_ value: String, experienceID: Int64) async throws -> Bool {
        let now = clock.now
        return try await store.read { database in
            try database.value(
                Bool.self,
                sql: """
                    SELECT EXISTS (
                        SELECT 1 FROM report_tokens WHERE digest = ? AND experience_id = ? AND expires_at > ?)
                    """,
                arguments: [SecretToken.digest(of: value).bytes, experienceID, now]) ?? false
        }
    }
}
