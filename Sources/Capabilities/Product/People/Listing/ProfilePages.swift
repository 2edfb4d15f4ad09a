import ControlStore
import EventStore

/// Reads the profiles of pages.
struct ProfilePages: Sendable {
    let store: ControlStore
    /// Large pages that are made at a time: each keeps a reader of the store and a processor busy.
    private let turns = Turns(atOnce: 2)

    init(store: ControlStore) { self.store = store }

    /// Everybody of an environment by rising ids.
    struct Span: Sendable {
        var after: Int64
        let last: Int64
    }

    /// The first page of everybody, in one transaction with their count.
    func first<Entry>(
        _ kind: ProfileKind, environmentID: Int64, limit: Int, _ use: ProfileUse<Entry>
    ) async throws -> (ProfilePage<Entry>, Span) {
        try await read(use) { database, size in
            var page = ProfilePage<Entry>(totalCount: try ProfileCounts.read(kind, of: environmentID, from: database))
            var span = Span(after: .min, last: try Self.last(kind, environmentID, database))
            try Self.fill(&page, kind, environmentID, &span, limit, use, size, database)
            return (page, span)
        }
    }

    /// - Parameter totalCount: as of the first page.
    func next<Entry>(
        _ kind: ProfileKind, environmentID: Int64, _ span: Span, limit: Int, totalCount: Int, _ use: ProfileUse<Entry>
    ) async throws -> (ProfilePage<Entry>, Span) {
        try await read(use) { database, size in
            var (page, span) = (ProfilePage<Entry>(totalCount: totalCount), span)
            try Self.fill(&page, kind, environmentID, &span, limit, use, size, database)
            return (page, span)
        }
    }

    /// Adds profiles by their ids, in their order. Who is not there any more is left out.
    func add<Entry>(
        _ ids: [Int64], _ kind: ProfileKind, environmentID: Int64, to page: ProfilePage<Entry>, _ use: ProfileUse<Entry>
    ) async throws -> ProfilePage<Entry> {
        if ids.isEmpty { return page }
        return try await read(use) { database, size in
            var page = page
            let arguments: Arguments = [ListArgument(ids), environmentID]
            let rows: RowCursor
            switch kind {
            case .person:
                try page.admit(
                    database.value(
                        Int.self,
                        sql: """
                            SELECT sum(length(CAST(properties AS BLOB))) FROM \(SQL.byIDs("persons"))
                            WHERE id IN \(SQL.list("?")) AND environment_id = ?
                            """, arguments: arguments), size, use)
                rows = try database.cursor(
                    sql: """
                        SELECT * FROM \(SQL.byIDs("persons"))
                        WHERE id IN \(SQL.list("?")) AND environment_id = ?
                        """,
                    arguments: arguments)
            case .company:
                try page.admit(
                    database.value(
                        Int.self,
                        sql: """
                            SELECT sum(length(CAST(properties AS BLOB))) FROM \(SQL.byIDs("companies"))
                            WHERE id IN \(SQL.list("?")) AND environment_id = ?
                            """, arguments: arguments), size, use)
                rows = try database.cursor(
                    sql: """
                        SELECT * FROM \(SQL.byIDs("companies"))
                        WHERE id IN \(SQL.list("?")) AND environment_id = ?
                        """,
                    arguments: arguments)
            }
            var byID: [Int64: Entry] = [:]
            try Self.forEach(rows, kind, use, size, &page.size) { byID[$0] = $1 }
            page.entries += ids.compactMap { byID[$0] }
            return page
        }
    }

    /// Reads what is small at once. What is large waits for a turn, and counts to its caller's memory first.
    private func read<Value: Sendable, Entry>(
        _ use: ProfileUse<Entry>, _ body: @Sendable (Database, ProfilePageSize.Limit) throws -> Value
    ) async throws -> Value {
        do {
            return try await store.read { try body($0, .small) }
        } catch let large as ProfilePageSize.IsLarge {
            try use.reserve(large.bytes * ProfilePageSize.weight)
        }
        return try await turns.run {
            try Task.checkCancellation()
            return try await store.read { try body($0, .whole) }
        }
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

    private static func fill<Entry>(
        _ page: inout ProfilePage<Entry>, _ kind: ProfileKind, _ environmentID: Int64, _ span: inout Span,
        _ limit: Int, _ use: ProfileUse<Entry>, _ size: ProfilePageSize.Limit, _ database: Database
    ) throws {
        while page.count < limit {
            let wanted = limit - page.count
            let arguments: Arguments = [environmentID, span.after, span.last, wanted]
            let rows: RowCursor
            switch kind {
            case .person:
                try page.admit(
                    database.value(
                        Int.self,
                        sql: """
                            SELECT sum(length(CAST(properties AS BLOB))) FROM (
                                SELECT properties FROM persons
                                WHERE environment_id = ? AND id > ? AND id <= ? ORDER BY id LIMIT ?)
                            """, arguments: arguments), size, use)
                rows = try database.cursor(
                    sql: "SELECT * FROM persons WHERE environment_id = ? AND id > ? AND id <= ? ORDER BY id LIMIT ?",
                    arguments: arguments)
            case .company:
                try page.admit(
                    database.value(
                        Int.self,
                        sql: """
                            SELECT sum(length(CAST(properties AS BLOB))) FROM (
                                SELECT properties FROM companies
                                WHERE environment_id = ? AND id > ? AND id <= ? ORDER BY id LIMIT ?)
                            """, arguments: arguments), size, use)
                rows = try database.cursor(
                    sql: "SELECT * FROM companies WHERE environment_id = ? AND id > ? AND id <= ? ORDER BY id LIMIT ?",
                    arguments: arguments)
            }
            var entries: [Entry] = []
            let count = try forEach(rows, kind, use, size, &page.size) { id, entry in
                span.after = id
                if let entry { entries.append(entry) }
            }
            page.entries += entries
            if count < wanted { return }
        }
    }

    /// Calls the body with the id of each row, and what is made of it: nil for what cannot be read, which hides no other.
    /// - Returns: how many there were.
    @discardableResult
    private static func forEach<Entry>(
        _ rows: RowCursor, _ kind: ProfileKind, _ use: ProfileUse<Entry>, _ limit: ProfilePageSize.Limit,
        _ size: inout ProfilePageSize, _ body: (Int64, Entry?) -> Void
    ) throws -> Int {
        var count = 0
        while let row = try rows.next() {
            count += 1
            if limit == .whole {
                try size.add(valuesOf: (try? row.read("properties", as: String.self)) ?? "")
            }
            let profile: ListedProfile? =
                switch kind {
                case .person: [row].readable("person") { try Person(row: $0) }.first.map { .person($0) }
                case .company: [row].readable("company") { try Company(row: $0) }.first.map { .company($0) }
                }
            body(try row.read("id"), profile.map(use.entry))
        }
        return count
    }
}

extension ProfilePage {
    /// Lets profiles of so many bytes be read, once they count to their caller's memory; those of a large page do already.
    /// - Throws: ``ProfileListError/pageTooLarge``, and ``ProfilePageSize/IsLarge`` where only a small page may be made.
    fileprivate mutating func admit(
        _ bytes: Int?, _ limit: ProfilePageSize.Limit, _ use: ProfileUse<Entry>
    ) throws {
        try size.add(bytes: bytes ?? 0, limit)
        if limit == .small { try use.reserve((bytes ?? 0) * ProfilePageSize.weight) }
    }
}
