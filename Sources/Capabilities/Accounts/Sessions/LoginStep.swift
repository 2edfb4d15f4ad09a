import ControlStore
import Cryptography
import Identity
import Time

/// What somebody has to bring to go on: each once, and before it expires.
struct LoginStep: Sendable {
    enum Purpose: String, Sendable {
        /// A code of the authenticator app is missing from a login.
        case mfa
        /// Another password has to be chosen in a login.
        case newPassword = "new_password"
        /// Mailed to who has forgotten the password.
        case reset
        /// Mailed to the new address of an e-mail change.
        case email

        /// OWASP ASVS 6.5.5: ten minutes for codes that are mailed.
        fileprivate var lifetimeSeconds: Int64 { 600 }
    }

    let userID: Int64
    /// The new address of an e-mail change.
    let detail: String?
    private let attempts: Int64

    /// Wrong codes for one step.
    private static let maximumAttempts: Int64 = 5

    /// Makes a step; earlier ones of the user for the same purpose are good no more.
    /// - Returns: what names it, in clear for the only time.
    static func make(
        _ purpose: Purpose, _ userID: Int64, detail: String? = nil, at now: Timestamp, in database: Database
    ) throws -> String {
        let token = SecretToken.make(prefix: "")
        try database.execute(sql: "DELETE FROM login_steps WHERE expires_at <= ?", arguments: [now])
        try database.execute(
            sql: "DELETE FROM login_steps WHERE user_id = ? AND purpose = ?", arguments: [userID, purpose.rawValue])
        try database.execute(
            sql: "INSERT INTO login_steps (digest, user_id, purpose, detail, expires_at) VALUES (?, ?, ?, ?, ?)",
            arguments: [
                SecretToken.digest(of: token).bytes, userID, purpose.rawValue, detail,
                now.adding(seconds: purpose.lifetimeSeconds),
            ])
        return token
    }

    /// Whether a token names a step that is good.
    static func isGood(_ token: String, _ purpose: Purpose, at now: Timestamp, in database: Database) throws -> Bool {
        try database.value(
            Bool.self,
            sql: """
                SELECT EXISTS (
                    SELECT 1 FROM login_steps WHERE digest = ? AND purpose = ? AND expires_at > ? AND attempts < ?)
                """,
            arguments: [SecretToken.digest(of: token).bytes, purpose.rawValue, now, maximumAttempts]) ?? false
    }

    /// The step that a token names; one more attempt is noted.
    /// - Returns: nil for one that is not, or no longer, good.
    static func attempt(
        _ token: String, _ purpose: Purpose, at now: Timestamp, in database: Database
    ) throws -> LoginStep? {
        let row = try database.row(
            sql: """
                UPDATE login_steps SET attempts = attempts + 1
                WHERE digest = ? AND purpose = ? AND expires_at > ? AND attempts < ? RETURNING user_id, detail, attempts
                """,
            arguments: [SecretToken.digest(of: token).bytes, purpose.rawValue, now, maximumAttempts])
        return try row.map {
            try LoginStep(userID: $0.read("user_id"), detail: $0.read("detail"), attempts: $0.read("attempts"))
        }
    }

    /// None of a user's is good any more: a password or an address has changed, and what was begun before rests on the old one.
    static func endAll(ofUser userID: Int64, in database: Database) throws {
        try database.execute(sql: "DELETE FROM login_steps WHERE user_id = ?", arguments: [userID])
    }

    /// It is good no more.
    static func end(_ token: String, in database: Database) throws {
        try database.execute(
            sql: "DELETE FROM login_steps WHERE digest = ?", arguments: [SecretToken.digest(of: token).bytes])
    }
}
