import ControlStore
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
                first_seen_at = min(first_seen_at, ?2),
                last_seen_at = max(last_seen_at, ?3),
                last_active_at = ifnull(max(last_active_at, ?4), ifnull(last_active_at, ?4)),
                active_days = iif(?5 IS NULL, active_days, (
                    (active_days << min(max(?5 - ifnull(active_day, ?5), 0), 30))
                    | (?6 << min(max(ifnull(active_day, ?5) - ?5, 0), 30))) & 1073741823),
                active_day = ifnull(max(active_day, ?5), ifnull(active_day, ?5)),
                company_id = ?7,
                properties = ifnull(?8, properties),
                modified_at = ifnull(max(modified_at, ?9), modified_at),
                first_visit_at = ifnull(min(first_visit_at, ?10), ifnull(first_visit_at, ?10)),
                visit_count = visit_count + ?11,
                last_visit_event_at = ifnull(?12, last_visit_event_at),
                signed_up_by = ifnull(signed_up_by, ?13),
                inferred_location = ifnull(?14, inferred_location)
            WHERE id = ?1
            """)
        insert = try database.prepare(
            """
            INSERT INTO persons (
                environment_id, user_id, first_seen_at, last_seen_at, last_active_at, active_day, active_days,
                company_id, properties, modified_at, first_visit_at, visit_count, last_visit_event_at, signed_up_by,
                inferred_location, created_at)
            VALUES (
                ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ifnull(?9, '{}'), ifnull(?10, ?16), ?11, ?12, ?13, ?14, ?15, ?16)
            """)
        delete = try database.prepare("DELETE FROM persons WHERE id = ?")
        leaveCompany = try database.prepare(
            "UPDATE persons SET company_id = NULL WHERE environment_id = ? AND company_id = ?")
    }

    /// The profile; nil when there is none.
    func find(_ subject: Subject) throws -> Stored? {
        try select.row(arguments: [subject.environmentID, subject.id.string]).map {
            try Stored(
                id: $0.read(at: 0), companyID: $0.read(at: 1), properties: $0.read(at: 2),
                lastVisitEventAt: $0.read(at: 3))
        }
    }

    /// Moves times, days and the location only.
    /// - Returns: false when there is no such profile.
    func touch(_ subject: Subject, _ change: ProfileChange) throws -> Bool {
        let arguments: Arguments = [
            subject.environmentID, subject.id.string, change.firstSeenAt, change.lastSeenAt, change.lastActiveAt,
            change.activeDays?.lastDay, change.activeDays?.bits, change.inferredLocation,
        ]
        return try touch.execute(arguments: arguments) > 0
    }

    /// - Parameters:
    ///   - stored: nil for a new profile.
    ///   - companyID: that the person is in now.
    ///   - properties: nil for those that are stored.
    ///   - visitCount: visits that began.
    func write(
        _ subject: Subject, _ change: ProfileChange, to stored: Stored?, companyID: String?, properties: String?,
        visitCount: Int
    ) throws {
        let seen: Arguments = [
            change.firstSeenAt, change.lastSeenAt, change.lastActiveAt, change.activeDays?.lastDay,
        ]
        let rest: Arguments = [
            companyID, properties, change.modifiedAt, change.firstVisitAt, visitCount, change.visits?.lastAt,
            change.identifiedBy, change.inferredLocation,
        ]
        if let stored {
            try update.execute(arguments: [stored.id] + seen + [change.activeDays?.bits] + rest)
        } else {
            let subject: Arguments = [subject.environmentID, subject.id.string]
            let created: Arguments = [change.createdAt]
            try insert.execute(arguments: subject + seen + [change.activeDays?.bits ?? 0] + rest + created)
        }
    }

    func remove(_ stored: Stored) throws {
        try delete.execute(arguments: [stored.id])
    }

    /// Takes everybody out of a company.
    func leave(_ company: Subject) throws {
        try leaveCompany.execute(arguments: [company.environmentID, company.id.string])
    }
}
