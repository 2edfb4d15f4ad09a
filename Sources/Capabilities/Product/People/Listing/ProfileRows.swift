import ControlStore

/// The statements that read profiles for lists.
enum ProfileRows {
    /// The table of a kind.
    static func table(_ kind: ProfileKind) -> String {
        switch kind {
        case .person: "persons"
        case .company: "companies"
        }
    }

    /// Profiles read at a time, so that no reader holds back the log of the store for long.
    private static let pageSize = 5_000
    /// A page ends with the profile that makes it so large, in bytes of properties.
    private static let pageBytes = 8 * 1_024 * 1_024

    /// Calls the body with profiles of an environment, by rising ids.
    /// - Parameter id: the last one of the page before.
    /// - Returns: the last id; nil when there are no more.
    static func page(
        _ kind: ProfileKind, _ environmentID: Int64, after id: Int64, readsProperties: Bool, from database: Database,
        _ body: (ProfileFacts) -> Void
    ) throws -> Int64? {
        let sql =
            switch kind {
            case .person:
                """
                SELECT id, environment_id, user_id, company_id, created_at, modified_at, first_visit_at, last_active_at,
                    visit_count, 0, active_days, properties, inferred_location
                FROM persons WHERE environment_id = ? AND id > ? ORDER BY id LIMIT ?
                """
            case .company:
                """
                SELECT id, environment_id, company_id, NULL, created_at, modified_at, NULL, last_active_at,
                    visit_count, user_count, 0, properties, NULL
                FROM companies WHERE environment_id = ? AND id > ? ORDER BY id LIMIT ?
                """
            }
        let rows = try database.cursor(prepared: sql, arguments: [environmentID, id, pageSize])
        var (last, count, bytes) = (id, 0, 0)
        while bytes < pageBytes, let row = try rows.next() {
            count += 1
            last = try row.read(at: 0)
            guard let facts = facts(row, readsProperties: readsProperties) else { continue }
            bytes += facts.byteCount
            body(facts)
        }
        return count < pageSize && bytes < pageBytes ? nil : last
    }

    /// Profiles by their ids, whatever environment they are of, by rising ids.
    static func facts(
        _ kind: ProfileKind, ids: some Sequence<Int64>, readsProperties: Bool, from database: Database
    ) throws -> [ProfileFacts] {
        let sql =
            switch kind {
            case .person:
                """
                SELECT id, environment_id, user_id, company_id, created_at, modified_at, first_visit_at, last_active_at,
                    visit_count, 0, active_days, properties, inferred_location
                FROM persons WHERE id IN \(SQL.list("?")) ORDER BY id
                """
            case .company:
                """
                SELECT id, environment_id, company_id, NULL, created_at, modified_at, NULL, last_active_at,
                    visit_count, user_count, 0, properties, NULL
                FROM companies WHERE id IN \(SQL.list("?")) ORDER BY id
                """
            }
        return try database.rows(prepared: sql, arguments: [ListArgument(ids)])
            .compactMap { facts($0, readsProperties: readsProperties) }
    }

    /// A row that cannot be read hides no other.
    private static func facts(_ row: Row, readsProperties: Bool) -> ProfileFacts? {
        do {
            return try ProfileFacts(row, readsProperties: readsProperties)
        } catch {
            _ = [row].readable("profile") { _ -> ProfileFacts? in throw error }
            return nil
        }
    }
}
