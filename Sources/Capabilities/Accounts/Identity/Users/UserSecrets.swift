package import ControlStore
package import Time

/// What proves who somebody is, inside transactions of the rooms that ask for it.
package enum UserSecrets {
    /// Argon2id, in its encoded form; nil for nobody, and for a password that was mailed and has expired.
    package static func passwordHash(of userID: Int64, at now: Timestamp, from database: Database) throws -> String? {
        try database.value(
            String.self,
            sql: """
                SELECT password_hash FROM users
                WHERE id = ? AND (password_expires_at IS NULL OR password_expires_at > ?)
                """,
            arguments: [userID, now])
    }

    /// Sets a password that does not expire.
    /// - Parameter mustChange: whether another is to be chosen at the next login.
    package static func setPasswordHash(
        _ hash: String, of userID: Int64, mustChange: Bool, in database: Database
    ) throws {
        try database.execute(
            sql: """
                UPDATE users SET password_hash = ?, must_change_password = ?, password_expires_at = NULL WHERE id = ?
                """,
            arguments: [hash, mustChange, userID])
    }

    /// The secret of the authenticator app, and the last step of 30 seconds whose code was taken; nil for none.
    package static func mfa(
        of userID: Int64, _ masterKey: MasterKey, from database: Database
    ) throws -> (secret: String, lastStep: Int64)? {
        guard
            let row = try database.row(
                sql: "SELECT mfa_secret, mfa_step FROM users WHERE id = ? AND mfa_secret IS NOT NULL",
                arguments: [userID])
        else { return nil }
        let sealed: [UInt8] = try row.read("mfa_secret")
        return (try masterKey.unseal(sealed, context: context(userID)), try row.read("mfa_step"))
    }

    package static func setMFASecret(
        _ secret: String, of userID: Int64, _ masterKey: MasterKey, in database: Database
    ) throws {
        let sealed = try masterKey.seal(secret, context: context(userID))
        try database.execute(
            sql: "UPDATE users SET mfa_secret = ?, mfa_step = 0 WHERE id = ? AND mfa_enabled_at IS NULL",
            arguments: [sealed, userID])
    }

    package static func setMFAStep(_ step: Int64, of userID: Int64, in database: Database) throws {
        try database.execute(sql: "UPDATE users SET mfa_step = ? WHERE id = ?", arguments: [step, userID])
    }

    /// - Parameter enabledAt: nil has the secret forgotten.
    package static func setMFA(enabledAt: Timestamp?, of userID: Int64, in database: Database) throws {
        try database.execute(
            sql: """
                UPDATE users SET mfa_enabled_at = ?1, mfa_secret = CASE WHEN ?1 IS NULL THEN NULL ELSE mfa_secret END
                WHERE id = ?2
                """,
            arguments: [enabledAt, userID])
    }

    private static func context(_ userID: Int64) -> String { "authenticator app of user \(userID)" }
}
