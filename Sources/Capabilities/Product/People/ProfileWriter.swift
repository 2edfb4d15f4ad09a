import ControlStore
import JSON
import Text

/// Writes changed profiles inside a transaction, with statements that are prepared once. Persons come before companies,
/// and ``finish()`` last: companies count their users and visits.
struct ProfileWriter {
    typealias Subject = ProfileChanges.Subject

    struct DroppedProperties: Sendable {
        let environmentID: Int64
        let limit: PropertyBag.Limit
        let count: Int
        let detail: String
    }

    private let persons: PersonStatements
    private let companies: CompanyStatements
    private var counts = CompanyCounts()
    private(set) var dropped: [DroppedProperties] = []

    init(_ database: Database) throws {
        persons = try PersonStatements(database)
        companies = try CompanyStatements(database)
    }

    /// Writes all that events have changed, which were never written before.
    mutating func write(_ changes: ProfileChanges) throws {
        for (subject, change) in changes.persons {
            for (company, visits) in try writePerson(subject, change) {
                guard let company else { continue }
                counts.add(visits: visits, to: Subject(environmentID: subject.environmentID, id: company))
            }
        }
        for (subject, change) in changes.companies { try writeCompany(subject, change) }
        try finish()
    }

    /// - Returns: the visits that began, by company, which are not counted for companies yet.
    @discardableResult
    mutating func writePerson(_ subject: Subject, _ change: ProfileChange) throws -> [ClientText?: Int] {
        if change.isTouch, try persons.touch(subject, change) { return [:] }
        let stored = try persons.find(subject)
        let visits = change.visits?.counts(after: stored?.lastVisitEventAt) ?? [:]
        let companyID = change.companyID.map { $0.isEmpty ? nil : $0 } ?? stored?.companyID
        if !companyID.hasSameBytes(as: stored?.companyID) {
            counts.move(in: subject.environmentID, from: stored?.companyID, to: companyID)
        }
        try persons.write(
            subject, change, to: stored, companyID: companyID,
            properties: try merged(change, into: stored?.properties, of: subject, noun: "user"),
            visitCount: visits.values.reduce(0, &+))
        return visits
    }

    mutating func writeCompany(_ subject: Subject, _ change: ProfileChange) throws {
        let stored = change.merges.isEmpty ? nil : try companies.properties(of: subject)
        try companies.write(
            subject, change, properties: try merged(change, into: stored, of: subject, noun: "company"),
            counts.take(subject))
    }

    /// Removes a person.
    mutating func removePerson(_ subject: Subject) throws {
        guard let stored = try persons.find(subject) else { return }
        try persons.remove(stored)
        counts.move(in: subject.environmentID, from: stored.companyID, to: nil)
    }

    /// Removes a company. Its users stay, without one.
    mutating func removeCompany(_ subject: Subject) throws {
        try persons.leave(subject)
        try companies.remove(subject)
        _ = counts.take(subject)
    }

    /// Brings the counts of those companies up to date that nothing else was written of.
    mutating func finish() throws {
        for (subject, count) in counts.takeAll() { try companies.add(count, to: subject) }
    }

    /// The properties as they are to be stored; nil when nothing is to change.
    private mutating func merged(
        _ change: ProfileChange, into stored: String?, of subject: Subject, noun: String
    ) throws -> String? {
        if change.merges.isEmpty { return nil }
        var bag = try PropertyBag(stored ?? "{}")
        for properties in change.merges { bag.merge(properties.root) }
        for (limit, drop) in bag.dropped { dropped.append(Self.told(drop, limit, of: subject, noun: noun)) }
        return bag.encoded()
    }

    private static func told(
        _ drop: PropertyBag.Dropped, _ limit: PropertyBag.Limit, of subject: Subject, noun: String
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
