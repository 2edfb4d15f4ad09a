import ControlStore

/// Reads the profiles of pages.
struct ProfilePages: Sendable {
    let store: ControlStore

    /// Everybody of an environment by rising ids.
    struct Span: Sendable {
        var after: Int64
        let last: Int64
    }

    /// Bytes of the properties of a page: in memory they take many times that.
    static let maximumBytes = 8 * 1_024 * 1_024

    /// - Throws: ``ProfileListError/pageTooLarge``.
    private static func check(bytes: Int?) throws(ProfileListError) {
        guard (bytes ?? 0) <= maximumBytes else { throw .pageTooLarge }
    }

    /// The first page of everybody, in one transaction with their count.
    func first(_ kind: ProfileKind, environmentID: Int64, limit: Int) async throws -> (ProfilePage, Span) {
        try await store.read { database in
            var page = ProfilePage(totalCount: try ProfileCounts.read(kind, of: environmentID, from: database))
            var span = Span(after: .min, last: try Self.last(kind, environmentID, database))
            try Self.fill(&page, kind, environmentID, &span, limit, database)
            return (page, span)
        }
    }

    /// - Parameter totalCount: as of the first page.
    func next(
        _ kind: ProfileKind, environmentID: Int64, _ span: Span, limit: Int, totalCount: Int
    ) async throws -> (ProfilePage, Span) {
        try await store.read { database in
            var (page, span) = (ProfilePage(totalCount: totalCount), span)
            try Self.fill(&page, kind, environmentID, &span, limit, database)
            return (page, span)
        }
    }

    /// Adds profiles by their ids, in their order. Who is not there any more is left out.
    func add(_ ids: [Int64], _ kind: ProfileKind, environmentID: Int64, to page: ProfilePage) async throws
        -> ProfilePage
    {
        if ids.isEmpty { return page }
        return try await store.read { database in
            var page = page
            switch kind {
            case .person:
                try Self.check(
                    bytes: database.value(
                        Int.self,
                        sql: """
                            SELECT sum(length(CAST(properties AS BLOB))) FROM \(SQL.byIDs("persons"))
                            WHERE id IN \(SQL.list("?")) AND environment_id = ?
                            """, arguments: [ListArgument(ids), environmentID]))
                let rows = try database.rows(
                    sql: """
                        SELECT * FROM \(SQL.byIDs("persons"))
                        WHERE id IN \(SQL.list("?")) AND environment_id = ?
                        """,
                    arguments: [ListArgument(ids), environmentID])
                page.persons += try Self.sorted(rows, by: ids).readable("person") { try Person(row: $0) }
            case .company:
                try Self.check(
                    bytes: database.value(
                        Int.self,
                        sql: """
                            SELECT sum(length(CAST(properties AS BLOB))) FROM \(SQL.byIDs("companies"))
                            WHERE id IN \(SQL.list("?")) AND environment_id = ?
                            """, arguments: [ListArgument(ids), environmentID]))
                let rows = try database.rows(
                    sql: """
                        SELECT * FROM \(SQL.byIDs("companies"))
                        WHERE id IN \(SQL.list("?")) AND environment_id = ?
                        """,
                    arguments: [ListArgument(ids), environmentID])
                page.companies += try Self.sorted(rows, by: ids).readable("company") { try Company(row: $0) }
            }
            return page
        }
    }

    private static func sorted(_ rows: [Row], by ids: [Int64]) throws -> [Row] {
        let byID = Dictionary(try rows.map { (try $0.read("id", as: Int64.self), $0) }) { first, _ in first }
        return ids.compactMap { byID[$0] }
    }

    private static func last(_ kind: ProfileKind, _ environmentID: Int64, _ database: Database) throws -> Int64 {
        switch kind {
        case .person:
            try database.value(
                Int64.self, prepared: "SELECT max(id) FROM persons WHERE environment_id = ?",
                arguments: [environmentID]) ?? 0
        case .company:
            try database.value(
                Int64.self, prepared: "SELECT max(id) FROM companies WHERE environment_id = ?",
                arguments: [environmentID]) ?? 0
        }
    }

    private static func fill(
        _ page: inout ProfilePage, _ kind: ProfileKind, _ environmentID: Int64, _ span: inout Span, _ limit: Int,
        _ database: Database
    ) throws {
        while page.count < limit {
            let wanted = limit - page.count
            let arguments: Arguments = [environmentID, span.after, span.last, wanted]
            let rows: [Row]
            switch kind {
            case .person:
                try check(
                    bytes: database.value(
                        Int.self,
                        sql: """
                            SELECT sum(length(CAST(properties AS BLOB))) FROM (
                                SELECT properties FROM persons
                                WHERE environment_id = ? AND id > ? AND id <= ? ORDER BY id LIMIT ?)
                            """, arguments: arguments))
                rows = try database.rows(
                    sql: "SELECT * FROM persons WHERE environment_id = ? AND id > ? AND id <= ? ORDER BY id LIMIT ?",
                    arguments: arguments)
                page.persons += rows.readable("person") { try Person(row: $0) }
            case .company:
                try check(
                    bytes: database.value(
                        Int.self,
                        sql: """
                            SELECT sum(length(CAST(properties AS BLOB))) FROM (
                                SELECT properties FROM companies
                                WHERE environment_id = ? AND id > ? AND id <= ? ORDER BY id LIMIT ?)
                            """, arguments: arguments))
                rows = try database.rows(
                    sql: "SELECT * FROM companies WHERE environment_id = ? AND id > ? AND id <= ? ORDER BY id LIMIT ?",
                    arguments: arguments)
                page.companies += rows.readable("company") { try Company(row: $0) }
            }
            if let last = rows.last { span.after = try last.read("id") }
            if rows.count < wanted { return }
        }
    }
}
