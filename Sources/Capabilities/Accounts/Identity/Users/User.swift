package import ControlStore
import Mailer
import Text
public import Time

/// Somebody who logs in. One person has one login, whatever accounts they work in.
public struct User: Sendable, Equatable, Identifiable {
    public let id: Int64
    /// Two addresses that differ in the case of ASCII letters only are one.
    public let email: String
    public let firstName: String
    public let lastName: String
    public let createdAt: Timestamp
    /// Whether somebody else chose the password, so that another is to be chosen at the next login.
    public let mustChangePassword: Bool
    /// Whether a login takes a code of an authenticator app.
    public let hasMFA: Bool

    /// As the change history and others are told of them.
    public var name: String {
        let parts = [firstName, lastName].filter { !$0.isEmpty }
        return parts.isEmpty ? email : parts.joined(separator: " ")
    }

    /// Nobody, to ask policies about.
    package static let example = User()

    private init() {
        (id, email, firstName, lastName) = (0, "", "", "")
        (createdAt, mustChangePassword, hasMFA) = (.earliest, false, false)
    }

    package static let columns =
        "id, email, first_name, last_name, created_at, must_change_password, mfa_enabled_at IS NOT NULL AS has_mfa"

    package init(row: Row) throws {
        id = try row.read("id")
        email = try row.read("email")
        firstName = try row.read("first_name")
        lastName = try row.read("last_name")
        createdAt = try row.read("created_at")
        mustChangePassword = try row.read("must_change_password")
        hasMFA = try row.read("has_mfa")
    }

    package static func fetch(_ id: Int64, from database: Database) throws -> User? {
        try database.row(sql: "SELECT \(columns) FROM users WHERE id = ?", arguments: [id]).map(User.init(row:))
    }

    /// - Parameter email: in any case.
    package static func fetch(email: String, from database: Database) throws -> User? {
        try database.row(
            sql: "SELECT \(columns) FROM users WHERE email = ? \(SQL.ignoringCase(""))", arguments: [email]
        ).map(User.init(row:))
    }

    /// The people of an account, oldest first.
    package static func fetchAll(ofAccount id: Int64, from database: Database) throws -> [User] {
        try database.rows(
            sql: """
                SELECT \(columns) FROM users WHERE id IN (SELECT user_id FROM accesses WHERE account_id = ?) ORDER BY id
                """,
            arguments: [id]
        ).readable("user", User.init(row:))
    }

    /// Makes a login for an address that has none, with a password of somebody else's choice.
    /// - Parameters:
    ///   - passwordHash: Argon2id, in its encoded form.
    ///   - expiresAt: when the password is good no more.
    package static func add(
        email: String, firstName: String, lastName: String, passwordHash: String, expiresAt: Timestamp,
        at now: Timestamp, in database: Database
    ) throws -> User? {
        let id = try database.insert(
            sql: """
                INSERT INTO users (
                    email, first_name, last_name, password_hash, must_change_password, password_expires_at, created_at)
                VALUES (?, ?, ?, ?, 1, ?, ?)
                """,
            arguments: [email, firstName, lastName, passwordHash, expiresAt, now])
        return try fetch(id, from: database)
    }

    /// What is wrong with somebody's name, after the name of the field; nil for nothing. Names stand in the heads of letters, in
    /// logs, which a line break would end, and in the history, where one must not pass for somebody else's address.
    package static func nameFault(_ name: String) -> String? {
        if name.unicodeScalars.contains(where: isControl) {
            return "must not have line breaks or other control characters."
        }
        if name.unicodeScalars.contains("@") || name.containsBytes(of: "://") {
            return "is a name: it must not have the form of an address."
        }
        return nil
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        // What turns the text around.
        default: scalar.properties.isBidiControl
        }
    }

    /// Whether letters can be sent there: ASCII, and a domain in its `xn--` form.
    package static func isEmailAddress(_ text: String) -> Bool { (try? EmailAddress(text)) != nil }

    /// - Parameters:
    ///   - first: nil leaves it as it is; `last` alike.
    package static func rename(_ id: Int64, first: String?, last: String?, in database: Database) throws {
        try database.execute(
            sql: "UPDATE users SET first_name = ifnull(?, first_name), last_name = ifnull(?, last_name) WHERE id = ?",
            arguments: [first, last, id])
    }

    /// - Parameter email: nobody else's.
    package static func setEmail(_ email: String, of id: Int64, in database: Database) throws {
        try database.execute(sql: "UPDATE users SET email = ? WHERE id = ?", arguments: [email, id])
    }

    /// Settings of what they look at, as a JSON object.
    package static func preferences(of id: Int64, from database: Database) throws -> String? {
        try database.value(String.self, sql: "SELECT preferences FROM users WHERE id = ?", arguments: [id])
    }

    package static func setPreferences(_ preferences: String, of id: Int64, in database: Database) throws {
        try database.execute(sql: "UPDATE users SET preferences = ? WHERE id = ?", arguments: [preferences, id])
    }
}
