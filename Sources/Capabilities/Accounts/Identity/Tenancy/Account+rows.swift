package import ControlStore
package import Time

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

    /// Makes an account under another one.
    /// - Parameter settings: a JSON object.
    /// - Returns: its id.
    package static func add(
        name: String, parentID: Int64, settings: String, at now: Timestamp, in database: Database
    ) throws -> Int64 {
        try database.insert(
            sql: "INSERT INTO accounts (name, parent_id, document, created_at) VALUES (?, ?, ?, ?)",
            arguments: [name, parentID, settings, now])
    }

    /// The account that one belongs to; nil for one that belongs to none.
    package static func parentID(of id: Int64, from database: Database) throws -> Int64? {
        try database.value(
            Int64.self, sql: "SELECT parent_id FROM accounts WHERE id = ? AND parent_id IS NOT NULL", arguments: [id])
    }

    /// The accounts that belong to one, oldest first.
    package static func children(of id: Int64, from database: Database) throws -> [Int64] {
        try database.values(
            Int64.self, sql: "SELECT id FROM accounts WHERE parent_id = ? ORDER BY id", arguments: [id])
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
