package import ControlStore

/// What other rooms ask of accounts and change of them, inside transactions of their own.
extension Account {
    /// Name and settings, these as a JSON object; nil when there is no such account.
    package static func settings(
        of id: Int64, from database: Database
    ) throws -> (name: String, settings: String)? {
        try database.row(sql: "SELECT name, document FROM accounts WHERE id = ?", arguments: [id])
            .map { try ($0.read("name"), $0.read("document")) }
    }

    package static func store(
        name: String, settings: String, of id: Int64, in database: Database
    ) throws {
        try database.execute(
            sql: "UPDATE accounts SET name = ?, document = ? WHERE id = ?", arguments: [name, settings, id])
    }

    /// The people who belong to an account, oldest first.
    package static func users(of id: Int64, from database: Database) throws -> [(id: Int64, email: String)] {
        try database.rows(
            sql: """
                SELECT id, email FROM users
                WHERE id IN (SELECT user_id FROM accesses WHERE account_id = ?) ORDER BY id
                """,
            arguments: [id]
        ).map { try ($0.read("id"), $0.read("email")) }
    }
}
