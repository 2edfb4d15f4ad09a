import Foundation
public import Time

/// What is set aside, as its owners see it: those who may use an environment, of the environment and of its project.
public struct SetAsideStore: Sendable {
    /// Whose things: an environment's, and its project's as a whole.
    public struct Owner: Sendable {
        let environmentID: Int64
        let projectID: Int64

        public init(environmentID: Int64, projectID: Int64) {
            self.environmentID = environmentID
            self.projectID = projectID
        }
    }

    let store: ControlStore
    private let clock: WallClock

    public init(store: ControlStore, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// One page, in the order in which things were set aside.
    /// - Parameters:
    ///   - kind: only of this kind; nil for all.
    ///   - after: the last id of the page before; 0 for the first page.
    /// - Returns: the page, and how many there are on all pages.
    public func list(
        of owner: Owner, kind: SetAsideKind?, after: Int64, limit: Int
    ) async throws -> (items: [SetAsideItem], total: Int) {
        try await store.read { database in
            func rows(_ columns: String, _ rest: String) -> String {
                """
                SELECT \(columns) FROM set_aside
                WHERE environment_id = :environment AND (:kind IS NULL OR kind = :kind) \(rest)
                UNION ALL
                SELECT \(columns) FROM set_aside
                WHERE environment_id IS NULL AND project_id = :project AND (:kind IS NULL OR kind = :kind) \(rest)
                """
            }
            let arguments: Arguments = [
                "environment": owner.environmentID, "project": owner.projectID, "kind": kind?.rawValue,
            ]
            let all = rows("id", "")
            let total = try database.value(Int.self, sql: "SELECT count(*) FROM (\(all))", arguments: arguments)
            let page = rows("*", "AND id > :after")
            let items = try Row.page(
                of: "set aside", behind: after, limit: limit, as: SetAsideItem.init(row:)
            ) { id, limit in
                try database.rows(
                    sql: "\(page) ORDER BY id LIMIT :limit", arguments: arguments + ["after": id, "limit": limit])
            }
            return (items, total ?? 0)
        }
    }

    /// Nil when there is none, or when it is somebody else's.
    public func find(_ id: Int64, of owner: Owner) async throws -> SetAsideItem? {
        try await store.read { database in
            try database.row(
                sql: """
                    SELECT * FROM set_aside
                    WHERE id = ? AND (environment_id = ? OR (environment_id IS NULL AND project_id = ?))
                    """,
                arguments: [id, owner.environmentID, owner.projectID]
            ).flatMap(SetAsideItem.init(row:))
        }
    }

    /// Forgets something: nobody will try it again.
    /// - Returns: false when there is none, or when it is somebody else's.
    public func dismiss(_ id: Int64, of owner: Owner) async throws -> Bool {
        try await store.write { database in
            let count = try database.execute(
                sql: """
                    DELETE FROM set_aside
                    WHERE id = ? AND (environment_id = ? OR (environment_id IS NULL AND project_id = ?))
                    """,
                arguments: [id, owner.environmentID, owner.projectID])
            return count > 0
        }
    }

    /// Notes that another attempt has failed.
    func note(failure reason: String, of id: Int64) async throws {
        let now = clock.now
        try await store.write { database in
            try database.execute(
                sql: "UPDATE set_aside SET reason = ?, attempts = attempts + 1, last_tried_at = ? WHERE id = ?",
                arguments: [SetAside.text(reason), now, id])
        }
    }

    /// Forgets what tells of users that are deleted.
    /// - Parameter end: what came in later stays.
    public func delete(users userIDs: [String], environmentID: Int64, upTo end: Timestamp) async throws {
        try await delete(users: [(userIDs, end)], environmentID: environmentID)
    }

    /// The same of many, each up to a time.
    public func delete(users: [(ids: [String], end: Timestamp)], environmentID: Int64) async throws {
        try await delete(users, column: "user_id", environmentID)
    }

    /// Forgets what tells of companies that are deleted.
    /// - Parameter companies: with a time each; what came in later stays.
    public func delete(companies: [(ids: [String], end: Timestamp)], environmentID: Int64) async throws {
        try await delete(companies, column: "company_id", environmentID)
    }

    private func delete(
        _ subjects: [(ids: [String], end: Timestamp)], column: String, _ environmentID: Int64
    ) async throws {
        if subjects.allSatisfy(\.ids.isEmpty) { return }
        try await store.write { database in
            let statement = try database.prepare(
                """
                DELETE FROM set_aside WHERE environment_id = ? AND \(column) = ? AND ifnull(received_at, 0) <= ?
                """)
            // What was known of a visitor is the project's, and nobody can tell which part of it is this environment's.
            let ofProject = try database.prepare(
                """
                DELETE FROM set_aside
                WHERE environment_id IS NULL
                    AND project_id = (SELECT project_id FROM environments WHERE id = ?)
                    AND \(column) = ? AND ifnull(received_at, 0) <= ?
                """)
            for (ids, end) in subjects {
                for id in ids {
                    try statement.execute(arguments: [environmentID, id, end])
                    try ofProject.execute(arguments: [environmentID, id, end])
                }
            }
        }
    }
}

extension SetAsideItem {
    /// Nil for a kind that this version does not know.
    init?(row: Row) throws {
        guard let kind = try SetAsideKind(rawValue: row.read("kind")) else { return nil }
        id = try row.read("id")
        entry = try SetAsideEntry(
            kind: kind, environmentID: row.read("environment_id"),
            projectID: row.read("project_id"), subject: row.read("subject"),
            userID: row.read("user_id"), companyID: row.read("company_id"), receivedAt: row.read("received_at"),
            reason: row.read("reason"), attempts: row.read("attempts"),
            content: row.read("content", as: Data?.self).map { Array($0) })
        setAsideAt = try row.read("set_aside_at")
        lastTriedAt = try row.read("last_tried_at")
    }
}
