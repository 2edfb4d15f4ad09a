import ControlStore
import Cryptography
import Identity
import Time

/// Somebody who is asked to work in an account. What accepts it is mailed; the store has its digest only.
struct Invitation {
    let accountID: Int64
    let collaborator: Collaborator

    /// OWASP ASVS 6.4.1 asks for a short time; people are away for some days.
    static let lifetimeSeconds: Int64 = 7 * 86_400

    /// The invitation that a hash accepts; nil for one that is not, or no longer, good.
    static func fetch(hash: String, at now: Timestamp, from database: Database) throws -> Invitation? {
        let row = try database.row(
            sql: "SELECT \(columns) FROM invitations WHERE digest = ? AND expires_at > ?",
            arguments: [SecretToken.digest(of: hash).bytes, now])
        return try row.map { try Invitation(row: $0, from: database) }
    }

    /// The one of an address in an account.
    static func fetch(
        email: String, accountID: Int64, at now: Timestamp, from database: Database
    ) throws -> Invitation? {
        let row = try database.row(
            sql: """
                SELECT \(columns) FROM invitations
                WHERE account_id = ? AND email = ? \(SQL.ignoringCase("")) AND expires_at > ?
                """,
            arguments: [accountID, email, now])
        return try row.map { try Invitation(row: $0, from: database) }
    }

    /// Those of an account that are good, oldest first.
    static func fetchAll(accountID: Int64, at now: Timestamp, from database: Database) throws -> [Invitation] {
        try database.rows(
            sql: "SELECT \(columns) FROM invitations WHERE account_id = ? AND expires_at > ? ORDER BY id",
            arguments: [accountID, now]
        ).map { try Invitation(row: $0, from: database) }
    }

    /// How many an account has.
    static func count(accountID: Int64, from database: Database) throws -> Int {
        try database.value(
            Int.self, sql: "SELECT count(*) FROM invitations WHERE account_id = ?", arguments: [accountID]) ?? 0
    }

    /// Makes an invitation.
    /// - Returns: its id, and the hash that accepts it, in clear for the only time.
    static func make(
        _ invitee: Invitee, accountID: Int64, at now: Timestamp, in database: Database
    ) throws -> (id: Int64, hash: String) {
        let hash = SecretToken.make(prefix: "")
        let id = try database.insert(
            sql: """
                INSERT INTO invitations (account_id, email, first_name, last_name, digest, created_at, expires_at)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                accountID, invitee.email, invitee.firstName, invitee.lastName, SecretToken.digest(of: hash).bytes, now,
                now.adding(seconds: lifetimeSeconds),
            ])
        try setAccesses(invitee.accesses, of: id, in: database)
        return (id, hash)
    }

    static func setAccesses(_ accesses: Accesses, of id: Int64, in database: Database) throws {
        try database.execute(sql: "DELETE FROM invitation_accesses WHERE invitation_id = ?", arguments: [id])
        let everywhere: [(Int64?, Role)] = accesses.everywhere.map { [(nil, $0)] } ?? []
        let projects: [(Int64?, Role)] = accesses.projects.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        for (project, role) in everywhere + projects {
            try database.execute(
                sql: "INSERT INTO invitation_accesses (invitation_id, project_id, role) VALUES (?, ?, ?)",
                arguments: [id, project, role.rawValue])
        }
    }

    /// - Parameters:
    ///   - first: nil leaves it as it is; `last` alike.
    static func rename(_ id: Int64, first: String?, last: String?, in database: Database) throws {
        try database.execute(
            sql: """
                UPDATE invitations SET first_name = ifnull(?, first_name), last_name = ifnull(?, last_name) WHERE id = ?
                """,
            arguments: [first, last, id])
    }

    static func delete(_ id: Int64, in database: Database) throws {
        try database.execute(sql: "DELETE FROM invitations WHERE id = ?", arguments: [id])
    }

    /// Forgets those that have expired.
    static func sweep(at now: Timestamp, in database: Database) throws {
        try database.execute(sql: "DELETE FROM invitations WHERE expires_at <= ?", arguments: [now])
    }

    private static let columns = "id, account_id, email, first_name, last_name"

    private init(row: Row, from database: Database) throws {
        let id: Int64 = try row.read("id")
        accountID = try row.read("account_id")
        var everywhere: Role?
        var projects: [Int64: Role] = [:]
        for access in try database.rows(
            sql: "SELECT project_id, role FROM invitation_accesses WHERE invitation_id = ?", arguments: [id])
        {
            guard let role = Role(rawValue: try access.read("role")) else { continue }
            if let project = try access.read("project_id", as: Int64?.self) {
                projects[project] = role
            } else {
                everywhere = role
            }
        }
        collaborator = Collaborator(
            state: .pending(invitationID: id), email: try row.read("email"), firstName: try row.read("first_name"),
            lastName: try row.read("last_name"), accesses: Accesses(everywhere: everywhere, projects: projects))
    }
}
