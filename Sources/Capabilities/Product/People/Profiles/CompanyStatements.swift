import ControlStore
import Text

/// The statements that ``ProfileWriter`` writes companies with.
struct CompanyStatements {
    typealias Subject = ProfileChanges.Subject

    private let select: Statement
    private let update: Statement
    private let insert: Statement
    private let count: Statement
    private let delete: Statement

    init(_ database: Database) throws {
        select = try database.prepare(
            "SELECT properties FROM companies WHERE environment_id = ? AND company_id = ?")
        update = try database.prepare(
            """
            UPDATE companies SET
                first_seen_at = min(first_seen_at, ?3),
                last_seen_at = max(last_seen_at, ?4),
                last_active_at = ifnull(max(last_active_at, ?5), ifnull(last_active_at, ?5)),
                properties = ifnull(?6, properties),
                modified_at = ifnull(max(modified_at, ?7), modified_at),
                visit_count = visit_count + ?8,
                user_count = user_count + ?9
            WHERE environment_id = ?1 AND company_id = ?2
            """)
        // Persons may name a company that has no row: after it was deleted, say.
        insert = try database.prepare(
            """
            INSERT INTO companies (
                environment_id, company_id, first_seen_at, last_seen_at, last_active_at, properties, modified_at,
                visit_count, created_at, user_count)
            VALUES (?1, ?2, ?3, ?4, ?5, ifnull(?6, '{}'), ifnull(?7, ?9), ?8, ?9, (
                SELECT count(*) FROM persons WHERE environment_id = ?1 AND company_id = ?2))
            """)
        count = try database.prepare(
            """
            UPDATE companies SET user_count = user_count + ?, visit_count = visit_count + ?
            WHERE environment_id = ? AND company_id = ?
            """)
        delete = try database.prepare("DELETE FROM companies WHERE environment_id = ? AND company_id = ?")
    }

    /// The company's properties; nil when there is none.
    func properties(of subject: Subject) throws -> String? {
        try select.value(String.self, arguments: [subject.environmentID, subject.id.string])
    }

    /// - Parameters:
    ///   - properties: nil for those that are stored.
    ///   - counts: what to add. A new company counts the users that it has.
    /// - Returns: whether it is new.
    func write(
        _ subject: Subject, _ change: ProfileChange, properties: String?, _ counts: CompanyCounts.Change
    ) throws -> Bool {
        let arguments: Arguments = [
            subject.environmentID, subject.id.string, change.firstSeenAt, change.lastSeenAt, change.lastActiveAt,
            properties, change.modifiedAt, counts.visits,
        ]
        if try update.execute(arguments: arguments + [counts.users]) > 0 { return false }
        try insert.execute(arguments: arguments + [change.createdAt])
        return true
    }

    /// Adds to the counts of a company, if there is one.
    func add(_ counts: CompanyCounts.Change, to subject: Subject) throws {
        try count.execute(
            arguments: [counts.users, counts.visits, subject.environmentID, subject.id.string])
    }

    /// - Returns: how many there were.
    func remove(_ subject: Subject) throws -> Int {
        try delete.execute(arguments: [subject.environmentID, subject.id.string])
    }
}
