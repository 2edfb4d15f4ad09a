public import ControlStore
import GRDB
import JSON
import Time

/// The profiles of persons and companies, one environment at a time.
public struct PeopleStore: Sendable {
    private let store: ControlStore

    public init(store: ControlStore) {
        self.store = store
    }

    /// The person with this id; nil when no event ever named it.
    public func person(environmentID: Int64, userID: String) async throws -> Person? {
        try await store.database.read { database in
            try Row.fetchOne(
                database, sql: "SELECT * FROM persons WHERE environment_id = ? AND user_id = ?",
                arguments: [environmentID, userID]
            ).map(Person.init(row:))
        }
    }

    /// The company with this id; nil when no event ever named it.
    public func company(environmentID: Int64, companyID: String) async throws -> Company? {
        try await store.database.read { database in
            try Row.fetchOne(
                database, sql: "SELECT * FROM companies WHERE environment_id = ? AND company_id = ?",
                arguments: [environmentID, companyID]
            ).map(Company.init(row:))
        }
    }

    /// Persons in the order of their ids.
    /// - Parameter after: the last id of the page before.
    public func persons(environmentID: Int64, after userID: String? = nil, limit: Int = 100) async throws -> [Person] {
        try await store.database.read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM persons WHERE environment_id = ? AND user_id > ? ORDER BY user_id LIMIT ?",
                arguments: [environmentID, userID ?? "", limit]
            ).map(Person.init(row:))
        }
    }

    /// Companies in the order of their ids.
    /// - Parameter after: the last id of the page before.
    public func companies(
        environmentID: Int64, after companyID: String? = nil, limit: Int = 100
    ) async throws -> [Company] {
        try await store.database.read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM companies WHERE environment_id = ? AND company_id > ? ORDER BY company_id LIMIT ?",
                arguments: [environmentID, companyID ?? "", limit]
            ).map(Company.init(row:))
        }
    }

    public func personCount(environmentID: Int64) async throws -> Int {
        try await count("SELECT count(*) FROM persons WHERE environment_id = ?", environmentID)
    }

    public func companyCount(environmentID: Int64) async throws -> Int {
        try await count("SELECT count(*) FROM companies WHERE environment_id = ?", environmentID)
    }

    private func count(_ sql: String, _ environmentID: Int64) async throws -> Int {
        try await store.database.read { try Int.fetchOne($0, sql: sql, arguments: [environmentID]) ?? 0 }
    }

    /// Removes the profiles of these users for good.
    /// - Returns: how many there were.
    @discardableResult
    public func delete(users userIDs: [String], environmentID: Int64) async throws -> Int {
        try await store.database.write { database in
            let statement = try database.cachedStatement(
                sql: "DELETE FROM persons WHERE environment_id = ? AND user_id = ?")
            return try userIDs.reduce(into: 0) { count, userID in
                try statement.execute(arguments: [environmentID, userID])
                count += database.changesCount
            }
        }
    }

    /// Removes all profiles of an environment for good.
    public func deleteAll(environmentID: Int64) async throws {
        try await store.database.write { database in
            for table in ["persons", "companies"] {
                try database.execute(
                    sql: "DELETE FROM \(table) WHERE environment_id = ?", arguments: [environmentID])
            }
        }
    }

    /// Removes the profiles of these companies for good. Their users stay, without a company.
    /// - Returns: how many there were.
    @discardableResult
    public func delete(companies companyIDs: [String], environmentID: Int64) async throws -> Int {
        try await store.database.write { database in
            let leave = try database.cachedStatement(
                sql: "UPDATE persons SET company_id = NULL WHERE environment_id = ? AND company_id = ?")
            let statement = try database.cachedStatement(
                sql: "DELETE FROM companies WHERE environment_id = ? AND company_id = ?")
            return try companyIDs.reduce(into: 0) { count, companyID in
                try leave.execute(arguments: [environmentID, companyID])
                try statement.execute(arguments: [environmentID, companyID])
                count += database.changesCount
            }
        }
    }
}

extension Person {
    init(row: Row) throws {
        self.init(
            userID: row["user_id"], companyID: row["company_id"],
            properties: try JSONValue(parsing: row["properties"] as String), firstSeenAt: row["first_seen_at"],
            lastSeenAt: row["last_seen_at"])
    }
}

extension Company {
    init(row: Row) throws {
        self.init(
            companyID: row["company_id"], properties: try JSONValue(parsing: row["properties"] as String),
            firstSeenAt: row["first_seen_at"], lastSeenAt: row["last_seen_at"])
    }
}
