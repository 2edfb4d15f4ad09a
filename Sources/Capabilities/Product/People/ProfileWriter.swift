import ControlStore
import JSON
import Text

/// Writes changed profiles inside a projection's transaction, with statements that are prepared once.
struct ProfileWriter {
    struct DroppedProperties: Sendable {
        let environmentID: Int64
        let limit: PropertyBag.Limit
        let count: Int
        let detail: String
    }

    private let persons: Statements
    private let companies: Statements
    private(set) var dropped: [DroppedProperties] = []

    private struct Statements {
        let select: Statement
        /// Arguments: environment, id, first seen, last seen, company (persons only; empty takes out of the stored one).
        let touch: Statement
        /// The same, then properties.
        let merge: Statement
    }

    init(_ database: Database) throws {
        persons = Statements(
            select: try database.prepare(
                "SELECT properties FROM persons WHERE environment_id = ? AND user_id = ?"),
            touch: try database.prepare(
                """
                INSERT INTO persons (environment_id, user_id, first_seen_at, last_seen_at, company_id)
                VALUES (?1, ?2, ?3, ?4, nullif(?5, ''))
                ON CONFLICT (environment_id, user_id) DO UPDATE SET
                    first_seen_at = min(first_seen_at, excluded.first_seen_at),
                    last_seen_at = max(last_seen_at, excluded.last_seen_at),
                    company_id = iif(?5 = '', NULL, ifnull(?5, company_id))
                """),
            merge: try database.prepare(
                """
                INSERT INTO persons (environment_id, user_id, first_seen_at, last_seen_at, company_id, properties)
                VALUES (?1, ?2, ?3, ?4, nullif(?5, ''), ?6)
                ON CONFLICT (environment_id, user_id) DO UPDATE SET
                    first_seen_at = min(first_seen_at, excluded.first_seen_at),
                    last_seen_at = max(last_seen_at, excluded.last_seen_at),
                    company_id = iif(?5 = '', NULL, ifnull(?5, company_id)),
                    properties = excluded.properties
                """))
        companies = Statements(
            select: try database.prepare(
                "SELECT properties FROM companies WHERE environment_id = ? AND company_id = ?"),
            touch: try database.prepare(
                """
                INSERT INTO companies (environment_id, company_id, first_seen_at, last_seen_at)
                VALUES (?, ?, ?, ?)
                ON CONFLICT (environment_id, company_id) DO UPDATE SET
                    first_seen_at = min(first_seen_at, excluded.first_seen_at),
                    last_seen_at = max(last_seen_at, excluded.last_seen_at)
                """),
            merge: try database.prepare(
                """
                INSERT INTO companies (environment_id, company_id, first_seen_at, last_seen_at, properties)
                VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (environment_id, company_id) DO UPDATE SET
                    first_seen_at = min(first_seen_at, excluded.first_seen_at),
                    last_seen_at = max(last_seen_at, excluded.last_seen_at),
                    properties = excluded.properties
                """))
    }

    mutating func writePerson(_ subject: ProfileChanges.Subject, _ change: ProfileChanges.Change) throws {
        let arguments: Arguments = [
            subject.environmentID, subject.id.string, change.firstSeenAt, change.lastSeenAt, change.companyID,
        ]
        try write(subject, change, with: persons, arguments, noun: "user")
    }

    mutating func writeCompany(_ subject: ProfileChanges.Subject, _ change: ProfileChanges.Change) throws {
        let arguments: Arguments = [
            subject.environmentID, subject.id.string, change.firstSeenAt, change.lastSeenAt,
        ]
        try write(subject, change, with: companies, arguments, noun: "company")
    }

    private mutating func write(
        _ subject: ProfileChanges.Subject, _ change: ProfileChanges.Change, with statements: Statements,
        _ arguments: Arguments, noun: String
    ) throws {
        if change.merges.isEmpty {
            try statements.touch.execute(arguments: arguments)
            return
        }
        let stored = try statements.select.value(String.self, arguments: [subject.environmentID, subject.id.string])
        var bag = try PropertyBag(stored ?? "{}")
        for properties in change.merges { bag.merge(properties.root) }
        for (limit, drop) in bag.dropped { dropped.append(Self.told(drop, limit, of: subject, noun: noun)) }
        try statements.merge.execute(arguments: arguments + [bag.encoded()])
    }

    private static func told(
        _ drop: PropertyBag.Dropped, _ limit: PropertyBag.Limit, of subject: ProfileChanges.Subject, noun: String
    ) -> DroppedProperties {
        let rule =
            switch limit {
            case .properties: "is more than \(PropertyBag.maximumProperties) properties"
            case .size:
                """
                would make the profile larger than \(PropertyBag.maximumBytes) bytes of JSON or \
                \(PropertyBag.maximumValues) values
                """
            }
        return DroppedProperties(
            environmentID: subject.environmentID, limit: limit, count: drop.count,
            detail: "\(noun) \(subject.id): '\(drop.lastKey)' \(rule)")
    }
}
