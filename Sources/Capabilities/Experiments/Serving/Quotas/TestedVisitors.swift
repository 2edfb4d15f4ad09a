public import ControlStore
import JSON
public import Time

/// Whom projects and accounts have tested within a cycle.
public struct TestedVisitors: Sendable, Equatable {
    /// Of all kinds.
    public var visitors: Int64 = 0
    /// Those whom the program knows.
    public var users: Int64 = 0

    mutating func add(_ other: TestedVisitors) {
        visitors = visitors.addingSaturating(other.visitors)
        users = users.addingSaturating(other.users)
    }

    /// Stands for all projects of an account in the table.
    private static let wholeAccount: Int64 = 0

    /// - Parameter projectID: nil for all of the account's, also those that are gone.
    /// - Returns: by the account; those without any are left out.
    static func fetch(
        by accounts: [Int64], projectID: Int64?, since cycleStart: Timestamp, from database: Database
    ) throws -> [Int64: TestedVisitors] {
        let rows = try database.rows(
            sql: """
                SELECT account_id, visitors, users FROM tested_usage
                WHERE account_id IN \(SQL.list("?")) AND cycle_start = ? AND project_id = ?
                """,
            arguments: [ListArgument(accounts), cycleStart, projectID ?? wholeAccount])
        return try rows.reduce(into: [:]) { found, row in
            found[try row.read("account_id")] = try TestedVisitors(
                visitors: row.read("visitors"), users: row.read("users"))
        }
    }

    /// Adds these to what a project has tested, and its account.
    func save(accountID: Int64, projectID: Int64, cycleStart: Timestamp, in database: Database) throws {
        for project in [projectID, Self.wholeAccount] {
            try database.execute(
                prepared: """
                    INSERT INTO tested_usage (account_id, cycle_start, project_id, visitors, users) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT DO UPDATE SET visitors = visitors + excluded.visitors, users = users + excluded.users
                    """,
                arguments: [accountID, cycleStart, project, visitors, users])
        }
    }
}

/// Tells other rooms whom accounts have tested.
public struct TestedUsageStore: Sendable {
    public init() {}

    /// Visitors, and those of them whom the program knows, within a cycle.
    /// - Parameter projectID: the only one; nil for all of the accounts.
    public func tested(
        by accounts: [Int64], projectID: Int64?, since cycleStart: Timestamp, from database: Database
    ) throws -> (visitors: Int64, users: Int64) {
        var sum = TestedVisitors()
        let found = try TestedVisitors.fetch(
            by: accounts, projectID: projectID, since: cycleStart, from: database)
        for tested in found.values { sum.add(tested) }
        return (sum.visitors, sum.users)
    }
}
