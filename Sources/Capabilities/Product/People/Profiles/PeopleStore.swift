public import ControlStore
public import EventStore
import JSON
import Text
import Time

/// The profiles of persons and companies, one environment at a time.
public struct PeopleStore: Sendable {
    let store: ControlStore
    private let persons: SharedReads<Person>
    private let companies: SharedReads<Company>

    public init(store: ControlStore) {
        self.store = store
        persons = SharedReads(store) { database, environmentID, userID in
            let row = try database.row(
                prepared: "SELECT * FROM persons WHERE environment_id = ? AND user_id = ?",
                arguments: [environmentID, userID])
            return try (row.map(Person.init(row:)), row?.propertyBytes ?? 0)
        }
        companies = SharedReads(store) { database, environmentID, companyID in
            let row = try database.row(
                prepared: "SELECT * FROM companies WHERE environment_id = ? AND company_id = ?",
                arguments: [environmentID, companyID])
            return try (row.map(Company.init(row:)), row?.propertyBytes ?? 0)
        }
    }

    /// The person with this id; nil when no event ever named it.
    public func person(environmentID: Int64, userID: String) async throws -> Person? {
        try await persons.profile(environmentID: environmentID, id: userID)
    }

    /// The company with this id; nil when no event ever named it.
    public func company(environmentID: Int64, companyID: String) async throws -> Company? {
        try await companies.profile(environmentID: environmentID, id: companyID)
    }

    /// The person and the company of an event, both as of one moment.
    /// - Parameter companyID: nil for the company that the person is in.
    public func profiles(
        environmentID: Int64, userID: String?, companyID: String?
    ) async throws -> (person: Person?, company: Company?) {
        try await store.read { database in
            var (person, company): (Person?, Company?)
            if let userID {
                person = try database.row(
                    prepared: "SELECT * FROM persons WHERE environment_id = ? AND user_id = ?",
                    arguments: [environmentID, userID]
                ).map(Person.init(row:))
            }
            if let companyID = companyID ?? person?.companyID {
                company = try database.row(
                    prepared: "SELECT * FROM companies WHERE environment_id = ? AND company_id = ?",
                    arguments: [environmentID, companyID]
                ).map(Company.init(row:))
            }
            return (person, company)
        }
    }

    /// Persons in the order of their ids.
    /// - Parameter after: the last id of the page before.
    public func persons(environmentID: Int64, after userID: String? = nil, limit: Int = 100) async throws -> [Person] {
        try await store.read { database in
            try database.rows(
                sql: "SELECT * FROM persons WHERE environment_id = ? AND user_id > ? ORDER BY user_id LIMIT ?",
                arguments: [environmentID, userID ?? "", limit]
            ).map(Person.init(row:))
        }
    }

    /// Companies in the order of their ids.
    /// - Parameter after: the last id of the page before.
    public func companies(
        environmentID: Int64, after companyID: String? = nil, limit: Int = 100
    ) async throws -> [Company] {
        try await store.read { database in
            try database.rows(
                sql: "SELECT * FROM companies WHERE environment_id = ? AND company_id > ? ORDER BY company_id LIMIT ?",
                arguments: [environmentID, companyID ?? "", limit]
            ).map(Company.init(row:))
        }
    }

    public func personCount(environmentID: Int64) async throws -> Int {
        try await count("SELECT count(*) FROM persons WHERE environment_id = ?", environmentID)
    }

    public func companyCount(environmentID: Int64) async throws -> Int {
        try await count("SELECT count(*) FROM companies WHERE environment_id = ?", environmentID)
    }

    private func count(_ sql: String, _ environmentID: Int64) async throws -> Int {
        try await store.read { try $0.value(Int.self, sql: sql, arguments: [environmentID]) ?? 0 }
    }

    /// The users whose profile names one of these companies.
    public func userIDs(ofCompanies companyIDs: [String], environmentID: Int64) async throws -> [String] {
        let companies = JSONValue.array(companyIDs.map { .string($0) }).encodedString
        return try await store.read { database in
            // The plus: by company, and sorted afterwards, or SQLite reads every person in the order of their ids.
            try database.values(
                String.self,
                sql: """
                    SELECT user_id FROM persons
                    WHERE environment_id = ? AND company_id IN \(SQL.list("?")) ORDER BY +user_id
                    """,
                arguments: [environmentID, companies])
        }
    }

    /// Removes the profiles of users or companies for good.
    /// - Parameter later: their events that stay: what these say becomes their profile again.
    /// - Returns: false, and nothing is done, when the projection knows more events than these.
    public func delete(
        _ subject: DeletionSubject, ids: [String], environmentID: Int64, keeping later: SubjectEvents
    ) async throws -> Bool {
        switch subject {
        case .users: try await delete(users: ids, environmentID: environmentID, keeping: later)
        case .companies: try await delete(companies: ids, environmentID: environmentID, keeping: later)
        }
    }

    /// Removes the profiles of these users for good.
    /// - Parameter later: their events that stay: what these say becomes their profile again.
    /// - Returns: false, and nothing is done, when the projection knows more events than these.
    public func delete(
        users userIDs: [String], environmentID: Int64, keeping later: SubjectEvents
    ) async throws -> Bool {
        try await rewrite(later) { database, changes in
            var writer = try ProfileWriter(database)
            let named = Set(userIDs.map { ClientText($0) })
            for id in named { try writer.removePerson(.init(environmentID: environmentID, id: id)) }
            // Their visits were counted for companies when they were first written.
            for (subject, change) in changes.persons where named.contains(subject.id) {
                try writer.writePerson(subject, change)
            }
            try writer.finish()
        }
    }

    /// Runs a removal with what the projection has taken of the later events; what it has not will still come to it.
    private func rewrite(
        _ later: SubjectEvents, _ body: @escaping @Sendable (Database, ProfileChanges) throws -> Void
    ) async throws -> Bool {
        try await store.write { database in
            let position = try ProjectionPosition.read(PeopleProjection.kind.rawValue, from: database)
                .flatMap { LogPosition(stored: $0) }
            guard let position else {
                try body(database, ProfileChanges([]))
                return true
            }
            guard position <= later.end else { return false }
            try body(database, ProfileChanges([later.events(upTo: position)]))
            return true
        }
    }

    /// Removes all profiles and exclusions of an environment that is no more for good, piece by piece.
    public func deleteAll(environmentID: Int64) async throws {
        try await store.removeInPieces(
            sql: "DELETE FROM persons WHERE id IN (SELECT id FROM persons WHERE environment_id = ? LIMIT ?)",
            arguments: [environmentID])
        try await store.removeInPieces(
            sql: """
                DELETE FROM removed_persons WHERE id IN (
                    SELECT id FROM removed_persons WHERE environment_id = ? LIMIT ?)
                """,
            arguments: [environmentID])
        try await store.removeInPieces(
            sql: "DELETE FROM companies WHERE id IN (SELECT id FROM companies WHERE environment_id = ? LIMIT ?)",
            arguments: [environmentID])
        try await store.write { database in
            try database.execute(
                sql: "DELETE FROM leaving_members WHERE environment_id = ?", arguments: [environmentID])
            try database.execute(
                sql: "DELETE FROM profile_counts WHERE environment_id = ?", arguments: [environmentID])
        }
        try await store.removeInPieces(
            sql: """
                DELETE FROM exclusions WHERE environment_id = ?1 AND (kind, subject_id) IN (
                    SELECT kind, subject_id FROM exclusions WHERE environment_id = ?1 LIMIT ?2)
                """,
            arguments: [environmentID])
    }

    /// Removes the profiles of these companies for good. Their users stay, without a company.
    /// - Parameter later: their events that stay: what these say becomes their profile again.
    /// - Returns: false, and nothing is done, when the projection knows more events than these.
    public func delete(
        companies companyIDs: [String], environmentID: Int64, keeping later: SubjectEvents
    ) async throws -> Bool {
        try await rewrite(later) { database, changes in
            var writer = try ProfileWriter(database)
            let named = Set(companyIDs.map { ClientText($0) })
            for id in named { try writer.removeCompany(.init(environmentID: environmentID, id: id)) }
            // Who has been named a member since is one again.
            for (subject, change) in changes.persons
            where change.companyID.map({ named.contains(ClientText($0)) }) ?? false {
                // Nobody who was removed comes back by this.
                guard try writer.knowsPerson(subject) else { continue }
                try writer.writePerson(subject, change.withoutVisits)
            }
            for (subject, change) in changes.companies where named.contains(subject.id) {
                try writer.writeCompany(subject, change)
            }
            try writer.finish()
        }
    }
}

extension Row {
    /// Of a profile, about.
    fileprivate var propertyBytes: Int { (try? read("properties", as: String.self).utf8.count) ?? 0 }
}

extension Person {
    init(row: Row) throws {
        try self.init(
            userID: row.read("user_id"), companyID: row.read("company_id"),
            properties: try JSONValue(stored: row.read("properties", as: String.self)),
            firstSeenAt: row.read("first_seen_at"), lastSeenAt: row.read("last_seen_at"),
            createdAt: row.read("created_at"), signedUpBy: row.read("signed_up_by"),
            modifiedAt: row.read("modified_at"), firstVisitAt: row.read("first_visit_at"),
            lastActiveAt: row.read("last_active_at"),
            visitCount: row.read("visit_count"), score: ActiveDays.score(row.read("active_days")),
            inferredLocation: row.read("inferred_location", as: String?.self).flatMap { try? JSONValue(stored: $0) })
    }
}

extension Company {
    init(row: Row) throws {
        try self.init(
            companyID: row.read("company_id"),
            properties: try JSONValue(stored: row.read("properties", as: String.self)),
            firstSeenAt: row.read("first_seen_at"), lastSeenAt: row.read("last_seen_at"),
            createdAt: row.read("created_at"), modifiedAt: row.read("modified_at"),
            lastActiveAt: row.read("last_active_at"), userCount: row.read("user_count"),
            visitCount: row.read("visit_count"))
    }
}
