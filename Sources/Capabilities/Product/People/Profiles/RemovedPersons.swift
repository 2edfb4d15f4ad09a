import ControlStore
import Text

/// The statements for persons who are hidden from everybody, until they come back or are erased.
struct RemovedPersons {
    typealias Subject = ProfileChanges.Subject

    private let hide: Statement
    private let revive: Statement
    private let forget: Statement
    private let leaveCompany: Statement
    private let hasAny: Statement
    /// Environments that were asked about.
    private var known: [Int64: Bool] = [:]

    init(_ database: Database) throws {
        hide = try database.prepare(
            """
            INSERT INTO removed_persons (
                id, environment_id, user_id, company_id, first_seen_at, last_seen_at, properties, created_at, modified_at,
                first_visit_at, last_active_at, visit_count, last_visit_event_at, active_day, active_days,
                signed_up_by, inferred_location, removed_at)
            SELECT id, environment_id, user_id, company_id, first_seen_at, last_seen_at, properties, created_at,
                modified_at, first_visit_at, last_active_at, visit_count, last_visit_event_at, active_day, active_days,
                signed_up_by, inferred_location, ?2
            FROM persons WHERE id = ?1
            """)
        revive = try database.prepare(
            """
            INSERT INTO persons (
                id, environment_id, user_id, company_id, first_seen_at, last_seen_at, properties, created_at, modified_at,
                first_visit_at, last_active_at, visit_count, last_visit_event_at, active_day, active_days,
                signed_up_by, inferred_location)
            SELECT id, environment_id, user_id, company_id, first_seen_at, last_seen_at, properties, created_at,
                modified_at, first_visit_at, last_active_at, visit_count, last_visit_event_at, active_day, active_days,
                signed_up_by, inferred_location
            FROM removed_persons WHERE environment_id = ? AND user_id = ?
            """)
        forget = try database.prepare("DELETE FROM removed_persons WHERE environment_id = ? AND user_id = ?")
        leaveCompany = try database.prepare(
            "UPDATE removed_persons SET company_id = NULL WHERE environment_id = ? AND company_id = ?")
        hasAny = try database.prepare("SELECT EXISTS (SELECT 1 FROM removed_persons WHERE environment_id = ?)")
    }

    /// Keeps a copy of a person's row, with when they were removed.
    mutating func hide(_ id: Int64, of subject: Subject, at time: Int64) throws {
        try forget.execute(arguments: [subject.environmentID, subject.id.string])
        try hide.execute(arguments: [id, time])
        known[subject.environmentID] = true
    }

    /// Whether anybody is hidden in an environment.
    mutating func hasAny(in environmentID: Int64) throws -> Bool {
        if let known = known[environmentID] { return known }
        let found = try hasAny.value(Bool.self, arguments: [environmentID]) ?? false
        known[environmentID] = found
        return found
    }

    /// Makes who is hidden a person again, as they were.
    /// - Returns: false when they are not hidden.
    mutating func revive(_ subject: Subject) throws -> Bool {
        guard try hasAny(in: subject.environmentID) else { return false }
        let arguments: Arguments = [subject.environmentID, subject.id.string]
        return try revive.execute(arguments: arguments) > 0 && forget.execute(arguments: arguments) > 0
    }

    /// Forgets who is hidden.
    func forget(_ subject: Subject) throws {
        try forget.execute(arguments: [subject.environmentID, subject.id.string])
    }

    /// Takes everybody out of a company.
    func leave(_ company: Subject) throws {
        try leaveCompany.execute(arguments: [company.environmentID, company.id.string])
    }
}
