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
    private var removed: RemovedPersons
    private var counts = CompanyCounts()
    private var profileCounts: [Int64: ProfileCounts.Change] = [:]
    private let database: Database
    private var lastWasNew = false
    private(set) var dropped: [DroppedProperties] = []

    init(_ database: Database) throws {
        self.database = database
        persons = try PersonStatements(database)
        companies = try CompanyStatements(database)
        removed = try RemovedPersons(database)
    }

    /// Writes all that events have changed, which were never written before.
    mutating func write(_ changes: ProfileChanges) throws {
        // In the order of the index that finds them: who lies side by side there shares a page of it.
        for subject in changes.persons.keys.sorted() {
            guard let change = changes.persons[subject] else { continue }
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
        // New people come in numbers: after one of them nobody is looked up first, unless they may be hidden.
        if lastWasNew, try !removed.hasAny(in: subject.environmentID),
            let visits = try insertPerson(subject, change)
        {
            return visits
        }
        var stored = try persons.find(subject)
        if stored == nil, try removed.revive(subject) {
            stored = try persons.find(subject)
            counts.move(in: subject.environmentID, from: nil, to: stored?.companyID)
            count(persons: 1, in: subject)
        }
        lastWasNew = stored == nil
        if let stored { return try updatePerson(stored, subject, change) }
        return try insertPerson(subject, change) ?? [:]
    }

    private mutating func updatePerson(
        _ stored: PersonStatements.Stored, _ subject: Subject, _ change: ProfileChange
    ) throws -> [ClientText?: Int] {
        let visits = change.visits?.counts(after: stored.lastVisitEventAt) ?? [:]
        let companyID = change.companyID.map { $0.isEmpty ? nil : $0 } ?? stored.companyID
        if !companyID.hasSameBytes(as: stored.companyID) {
            counts.move(in: subject.environmentID, from: stored.companyID, to: companyID)
        }
        try persons.update(
            stored, change, companyID: companyID,
            properties: try merged(change, into: stored.properties, of: subject, noun: "user"),
            visitCount: visits.values.reduce(0, &+))
        return visits
    }

    /// - Returns: nil, and nothing is done, when there is such a person.
    private mutating func insertPerson(_ subject: Subject, _ change: ProfileChange) throws -> [ClientText?: Int]? {
        let visits = change.visits?.counts(after: nil) ?? [:]
        let companyID = change.companyID.flatMap { $0.isEmpty ? nil : $0 }
        let droppedBefore = dropped.count
        let isNew = try persons.insert(
            subject, change, companyID: companyID,
            properties: try merged(change, into: nil, of: subject, noun: "user"),
            visitCount: visits.values.reduce(0, &+))
        guard isNew else {
            dropped.removeSubrange(droppedBefore...)
            return nil
        }
        counts.move(in: subject.environmentID, from: nil, to: companyID)
        count(persons: 1, in: subject)
        return visits
    }

    mutating func writeCompany(_ subject: Subject, _ change: ProfileChange) throws {
        let stored = change.merges.isEmpty ? nil : try companies.properties(of: subject)
        let isNew = try companies.write(
            subject, change, properties: try merged(change, into: stored, of: subject, noun: "company"),
            counts.take(subject))
        if isNew { profileCounts[subject.environmentID, default: .init()].companies += 1 }
    }

    /// Whether there is such a person, who is not hidden.
    func knowsPerson(_ subject: Subject) throws -> Bool { try persons.find(subject) != nil }

    /// Hides a person from everybody, until the next event of theirs.
    /// - Returns: false when there is none.
    mutating func hidePerson(_ subject: Subject, at time: Int64) throws -> Bool {
        guard let stored = try persons.find(subject) else { return false }
        try removed.hide(stored.id, of: subject, at: time)
        try remove(stored, subject)
        return true
    }

    /// Removes a person for good, hidden or not.
    mutating func removePerson(_ subject: Subject) throws {
        try removed.forget(subject)
        if let stored = try persons.find(subject) { try remove(stored, subject) }
    }

    private mutating func remove(_ stored: PersonStatements.Stored, _ subject: Subject) throws {
        try persons.remove(stored)
        counts.move(in: subject.environmentID, from: stored.companyID, to: nil)
        count(persons: -1, in: subject)
    }

    private mutating func count(persons: Int, in subject: Subject) {
        profileCounts[subject.environmentID, default: .init()].persons += persons
    }

    /// Removes a company. Its users stay, without one.
    mutating func removeCompany(_ subject: Subject) throws {
        try persons.leave(subject)
        try removed.leave(subject)
        try dropCompany(subject)
        _ = counts.take(subject)
    }

    /// Removes a company. Its users still name it.
    mutating func dropCompany(_ subject: Subject) throws {
        let count = try companies.remove(subject)
        profileCounts[subject.environmentID, default: .init()].companies -= count
    }

    /// Brings the counts of those companies up to date that nothing else was written of.
    mutating func finish() throws {
        for (subject, count) in counts.takeAll() { try companies.add(count, to: subject) }
        for (environmentID, change) in profileCounts {
            try ProfileCounts.add(change, to: environmentID, in: database)
        }
        profileCounts = [:]
    }

    /// The properties as they are to be stored; nil when nothing is to change.
    private mutating func merged(
        _ change: ProfileChange, into stored: String?, of subject: Subject, noun: String
    ) throws -> String? {
        if change.merges.isEmpty { return nil }
        var bag = try stored.map { try PropertyBag($0) } ?? PropertyBag()
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
