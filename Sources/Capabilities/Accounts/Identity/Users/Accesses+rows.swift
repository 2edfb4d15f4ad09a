package import ControlStore
package import Time

extension Accesses {
    /// What a user may do, by account; accounts in which they may do nothing are left out. A role that this version does not know
    /// opens nothing.
    package static func fetch(ofUser id: Int64, from database: Database) throws -> [Int64: Accesses] {
        let rows = try database.rows(
            sql: "SELECT account_id, project_id, role FROM accesses WHERE user_id = ?", arguments: [id])
        var found: [Int64: (everywhere: Role?, projects: [Int64: Role])] = [:]
        for row in rows {
            guard let role = Role(rawValue: try row.read("role")) else { continue }
            let accountID: Int64 = try row.read("account_id")
            var own = found[accountID] ?? (nil, [:])
            if let project = try row.read("project_id", as: Int64?.self) {
                own.projects[project] = role
            } else {
                own.everywhere = role
            }
            found[accountID] = own
        }
        return found.mapValues { Accesses(everywhere: $0.everywhere, projects: $0.projects) }
    }

    /// What people may do in an account, by user. A role that this version does not know opens nothing.
    package static func fetch(ofAccount id: Int64, from database: Database) throws -> [Int64: Accesses] {
        let rows = try database.rows(
            sql: "SELECT user_id, project_id, role FROM accesses WHERE account_id = ?", arguments: [id])
        var found: [Int64: Accesses] = [:]
        for row in rows {
            guard let role = Role(rawValue: try row.read("role")) else { continue }
            let userID: Int64 = try row.read("user_id")
            let own = found[userID]
            if let project = try row.read("project_id", as: Int64?.self) {
                found[userID] = Accesses(
                    everywhere: own?.everywhere,
                    projects: (own?.projects ?? [:]).merging([project: role]) { max($0, $1) })
            } else {
                found[userID] = Accesses(everywhere: role, projects: own?.projects ?? [:])
            }
        }
        return found
    }

    /// Whether an account has an owner besides one user.
    package static func hasOwner(
        accountID: Int64, besides userID: Int64, from database: Database
    ) throws -> Bool {
        try database.value(
            Bool.self,
            sql: """
                SELECT EXISTS (
                    SELECT 1 FROM accesses
                    WHERE account_id = ? AND project_id IS NULL AND role = ? AND user_id <> ?)
                """,
            arguments: [accountID, Role.owner.rawValue, userID]) ?? false
    }

    /// Replaces what a user may do in an account.
    package func store(ofUser userID: Int64, in accountID: Int64, at now: Timestamp, _ database: Database) throws {
        try database.execute(
            sql: "DELETE FROM accesses WHERE account_id = ? AND user_id = ?", arguments: [accountID, userID])
        let all: [(project: Int64?, role: Role)] =
            (everywhere.map { [(nil, $0)] } ?? []) + projects.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        for (project, role) in all {
            try database.execute(
                sql: "INSERT INTO accesses (account_id, user_id, project_id, role, created_at) VALUES (?, ?, ?, ?, ?)",
                arguments: [accountID, userID, project, role.rawValue, now])
        }
    }
}
