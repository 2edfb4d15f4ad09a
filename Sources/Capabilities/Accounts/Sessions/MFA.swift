import ControlStore
import Cryptography
import Identity
import Time

/// The second factor: codes of an authenticator app, each good once, and codes to fall back on.
struct MFA: Sendable {
    let masterKey: MasterKey

    /// Codes to fall back on that are made along.
    private static let backupCodes = 10
    private static let backupCodeDigits = 10

    /// Takes a code: it is good no more.
    /// - Returns: what it was; nil when it was not good.
    func take(
        _ code: String, ofUser userID: Int64, at now: Timestamp, in database: Database
    ) throws -> LoginJournal.Factor? {
        let code = String(String.UnicodeScalarView(code.unicodeScalars.filter { $0 != " " && $0 != "-" }))
        if code.utf8.count != OneTimePassword.digits {
            let found = try database.rows(
                sql: "DELETE FROM mfa_backup_codes WHERE user_id = ? AND digest = ? RETURNING user_id",
                arguments: [userID, Digest(of: code.lowercased().utf8).bytes])
            return found.isEmpty ? nil : .backupCode
        }
        guard let secret = try UserSecrets.mfa(of: userID, masterKey, from: database),
            let password = OneTimePassword(base32: secret.secret),
            let step = password.step(of: code, at: now.seconds), step > secret.lastStep
        else { return nil }
        try UserSecrets.setMFAStep(step, of: userID, in: database)
        return .app
    }

    /// Makes another secret, which counts once a code has shown that the app has it.
    /// - Returns: base32.
    func makeSecret(ofUser userID: Int64, in database: Database) throws -> String {
        let secret = OneTimePassword().base32
        try UserSecrets.setMFASecret(secret, of: userID, masterKey, in: database)
        return secret
    }

    /// Has logins take a code from now on.
    /// - Returns: codes to fall back on, in clear for the only time; nil when the code is wrong.
    func enable(_ code: String, ofUser userID: Int64, at now: Timestamp, in database: Database) throws -> [String]? {
        guard code.utf8.count == OneTimePassword.digits,
            try take(code, ofUser: userID, at: now, in: database) != nil
        else { return nil }
        try UserSecrets.setMFA(enabledAt: now, of: userID, in: database)
        return try makeBackupCodes(ofUser: userID, in: database)
    }

    /// Makes other codes to fall back on; those that there were are good no more.
    /// - Returns: in clear for the only time.
    func makeBackupCodes(ofUser userID: Int64, in database: Database) throws -> [String] {
        try database.execute(sql: "DELETE FROM mfa_backup_codes WHERE user_id = ?", arguments: [userID])
        let codes = (0..<Self.backupCodes).map { _ in SecretToken.hexadecimal(count: Self.backupCodeDigits) }
        for code in codes {
            try database.execute(
                sql: "INSERT INTO mfa_backup_codes (user_id, digest) VALUES (?, ?) ON CONFLICT DO NOTHING",
                arguments: [userID, Digest(of: code.utf8).bytes])
        }
        return codes
    }

    func disable(ofUser userID: Int64, in database: Database) throws {
        try UserSecrets.setMFA(enabledAt: nil, of: userID, in: database)
        try database.execute(sql: "DELETE FROM mfa_backup_codes WHERE user_id = ?", arguments: [userID])
    }
}
