import ControlStore
import EventStore
import Text

/// The statements that ``ProfileWriter`` writes persons with.
struct PersonStatements {
    typealias Subject = ProfileChanges.Subject

    /// What a change needs to know of the profile that it meets.
    struct Stored {
        let id: Int64
        let companyID: String?
        let properties: String
        let lastVisitEventAt: Int64?
    }

    private let select: Statement
    private let touch: Statement
    private let update: Statement
    private let insert: Statement
    private let delete: Statement
    private let leaveCompany: Statement

    init(_ database: Database) throws {
        select = try database.prepare(
            """
            SELECT id, company_id, properties, last_visit_event_at FROM persons
            WHERE environment_id = ? AND user_id = ?
            """)
        touch = try database.prepare(
            """
            UPDATE persons SET
                first_seen_at = min(first_seen_at, ?3),
                last_seen_at = max(last_seen_at, ?4),
                last_active_at = ifnull(max(last_active_at, ?5), ifnull(last_active_at, ?5)),
                active_days = iif(?6 IS NULL, active_days, (
                    (active_days << min(max(?6 - ifnull(active_day, ?6), 0), 30))
                    | (?7 << min(max(ifnull(active_day, ?6) - ?6, 0), 30))) & 1073741823),
                active_day = ifnull(max(active_day, ?6), ifnull(active_day, ?6)),
                inferred_location = ifnull(?8, inferred_location)
            WHERE environment_id = ?1 AND user_id = ?2
            """)
        update = try database.prepare(
            """
            UPDATE persons SET
                first_seen_at = min(first_seen_at, ?1),
                last_seen_at = max(last_seen_at, ?2),
                last_active_at = ifnull(max(last_active_at, ?3), ifnull(last_active_at, ?3)),
                active_days = iif(?4 IS NULL, active_days, (
                    (active_days << min(max(?4 - ifnull(active_day, ?4), 0), 30))
                    | (?5 << min(max(ifnull(active_day, ?4) - ?4, 0), 30))) & 1073741823),
                active_day = ifnull(max(active_day, ?4), ifnull(active_day, ?4)),
                company_id = ?6,
                properties = ifnull(?7, properties),
                modified_at = ifnull(max(modified_at, ?8), modified_at),
                first_visit_at = ifnull(min(first_visit_at, ?9), ifnull(first_visit_at, ?9)),
                visit_count = visit_count + ?10,
                last_visit_event_at = ifnull(?11, last_visit_event_at),
                signed_up_by = ifnull(signed_up_by, ?12),
                inferred_location = ifnull(?13, inferred_location)
            WHERE id = ?14
            """)
        insert = try database.prepare(
            """
            INSERT INTO persons (
                first_seen_at, last_seen_at, last_active_at, active_day, active_days, company_id, properties,
                modified_at, first_visit_at, visit_count, last_visit_event_at, signed_up_by, inferred_location,
                environment_id, user_id, created_at)
            VALUES (
                ?1, ?2, ?3, ?4, ifnull(?5, 0), ?6, ifnull(?7, '{}'), ifnull(?8, ?16), ?9, ?10, ?11, ?12, ?13,
                ?14, ?15, ?16)
            ON CONFLICT (environment_id, user_id) DO NOTHING
            """)
        delete = try database.prepare("DELETE FROM persons WHERE id = ?")
        leaveCompany = try database.prepare(
            "UPDATE persons SET company_id = NULL WHERE environment_id = ? AND company_id = ?")
    }

    /// The profile; nil when there is none.
    func find(_ subject: Subject) throws -> Stored? {
        try select.row(arguments: Arguments(subject.values)).map {
            try Stored(
                id: $0.read(at: 0), companyID: $0.read(at: 1), properties: $0.read(at: 2),
                lastVisitEventAt: $0.read(at: 3))
        }
    }

    /// Moves times, days and the location only.
    /// - Returns: false when there is no such profile.
    func touch(_ subject: Subject, _ change: ProfileChange) throws -> Bool {
        let values: [SQLValue] = [
            change.firstSeenAt.sqlValue, change.lastSeenAt.sqlValue, change.lastActiveAt.sqlValue,
            (change.activeDays?.lastDay).sqlValue, (change.activeDays?.bits).sqlValue,
            change.inferredLocation.sqlValue,
        ]
        return try touch.execute(arguments: Arguments(subject.values + values)) > 0
    }

    /// Changes a profile.
    /// - Parameters:
    ///   - companyID: that the person is in now.
    ///   - properties: nil for those that are stored.
    ///   - visitCount: visits that began.
    func update(
        _ stored: Stored, _ change: ProfileChange, companyID: String?, properties: String?, visitCount: Int
    ) throws {
        let values = Self.values(change, companyID: companyID, properties: properties, visitCount: visitCount)
        try update.execute(arguments: Arguments(values + [stored.id.sqlValue]))
    }

    /// Makes a profile.
    /// - Returns: false, and nothing is done, when there is one.
    func insert(
        _ subject: Subject, _ change: ProfileChange, companyID: String?, properties: String?, visitCount: Int
    ) throws -> Bool {
        let values = Self.values(change, companyID: companyID, properties: properties, visitCount: visitCount)
        return try insert.execute(arguments: Arguments(values + subject.values + [change.createdAt.sqlValue])) > 0
    }

    private static func values(
        _ change: ProfileChange, companyID: String?, properties: String?, visitCount: Int
    ) -> [SQLValue] {
        [
            change.firstSeenAt.sqlValue, change.lastSeenAt.sqlValue, change.lastActiveAt.sqlValue,
            (change.activeDays?.lastDay).sqlValue, (change.activeDays?.bits).sqlValue, companyID.sqlValue,
            properties.sqlValue, change.modifiedAt.sqlValue, change.firstVisitAt.sqlValue, visitCount.sqlValue,
            (change.visits?.lastAt).sqlValue, (change.identifiedBy?.description).sqlValue,
            change.inferredLocation.sqlValue,
        ]
    }

    func remove(_ stored: Stored) throws {
        try delete.execute(arguments: [stored.id])
    }

    /// Takes everybody out of a company.
    func leave(_ company: Subject) throws {
        try leaveCompany.execute(arguments: [company.environmentID, company.id.string])
    }
}

extension ProfileChanges.Subject {
    /// What finds it in a table.
    fileprivate var values: [SQLValue] { [environmentID.sqlValue, id.string.sqlValue] }
}
