public import ControlStore
import EventStore
import JSON
public import Text
public import Time

/// How many events users have. Answered by the log.
public protocol UserEventCounts: Sendable {
    /// How many events each user of an environment has. Users without any may be missing.
    /// - Parameters:
    ///   - name: only events of this name, nil for any.
    ///   - type: only events of this type, nil for any.
    ///   - since: only events from this time on, nil for all.
    func eventCounts(
        environmentID: Int64, name: String?, type: String?, since: Timestamp?
    ) async throws -> [ClientText: Int]
}

/// Finds out who belongs to a segment right now.
public struct SegmentMembers: Sendable {
    private let store: ControlStore
    private let events: any UserEventCounts
    private let clock: WallClock

    /// How many persons are read at a time, so that no reader holds back the log of the store for long.
    private static let pageSize = 5_000
    /// A page ends with the person that makes it so large, in bytes of properties.
    private static let pageBytes = 8 * 1_024 * 1_024

    public init(store: ControlStore, events: any UserEventCounts, clock: WallClock) {
        self.store = store
        self.events = events
        self.clock = clock
    }

    /// The ids of the segment's members.
    /// - Throws: ``SegmentRuleError`` when the stored rule is none.
    public func members(of segment: Segment, environmentID: Int64) async throws -> Set<ClientText> {
        try await members(of: SegmentRule(parsing: segment.rule), environmentID: environmentID)
    }

    /// The ids of the persons that a rule selects.
    public func members(of rule: SegmentRule, environmentID: Int64) async throws -> Set<ClientText> {
        var counts: [EventCondition: [ClientText: Int]] = [:]
        for condition in rule.eventConditions {
            counts[condition] = try await count(condition, environmentID)
        }
        var members: Set<ClientText> = []
        var work = SegmentWork()
        var lastUserID = ""
        while true {
            try Task.checkCancellation()
            let page = try await store.read { [lastUserID] database in
                try Self.page(looksAtCompany: rule.looksAtCompany, environmentID, after: lastUserID, from: database)
            }
            // Judged once the store's reader is free again.
            var judgedSteps = 0
            for person in page.persons {
                if try person.belongs(to: rule, counts, &work) { members.insert(ClientText(person.userID)) }
                if work.isExceeded { throw SegmentError.tooCostly }
                if work.stepsDone - judgedSteps > Self.stepsAtOnce {
                    judgedSteps = work.stepsDone
                    await Task.yield()
                }
            }
            guard let last = page.persons.last, !page.isLast else { return members }
            lastUserID = last.userID
        }
    }

    private func count(_ condition: EventCondition, _ environmentID: Int64) async throws -> [ClientText: Int] {
        let since = condition.withinDays.map { clock.now.adding(seconds: -Int64($0) * Self.daySeconds) }
        return try await events.eventCounts(
            environmentID: environmentID, name: condition.eventName?.string, type: condition.eventType?.name,
            since: since)
    }

    private static let daySeconds: Int64 = 86_400

    /// Work done before others get their turn, about two milliseconds.
    private static let stepsAtOnce = 2_000_000

    /// Some persons, as they are stored.
    private struct Page: Sendable {
        var persons: [StoredPerson] = []
        /// Whether there are no more.
        var isLast = true
    }

    /// - Parameter userID: the last person of the page before.
    private static func page(
        looksAtCompany: Bool, _ environmentID: Int64, after userID: String, from database: Database
    ) throws -> Page {
        let company = looksAtCompany ? "c.properties" : "NULL"
        let rows = try database.cursor(
            sql: """
                SELECT p.user_id, p.company_id, p.first_seen_at, p.last_seen_at, p.properties, \(company)
                FROM persons p
                LEFT JOIN companies c ON c.environment_id = p.environment_id AND c.company_id = p.company_id
                WHERE p.environment_id = ? AND p.user_id > ? ORDER BY p.user_id LIMIT ?
                """,
            arguments: [environmentID, userID, pageSize])
        var page = Page()
        var bytes = 0
        while bytes < pageBytes, let row = try rows.next() {
            let person = try StoredPerson(
                userID: row.read(at: 0), companyID: row.read(at: 1), firstSeenAt: row.read(at: 2),
                lastSeenAt: row.read(at: 3), properties: row.read(at: 4), companyProperties: row.read(at: 5))
            bytes += person.properties.utf8.count + (person.companyProperties?.utf8.count ?? 0)
            page.persons.append(person)
        }
        page.isLast = page.persons.count < pageSize && bytes < pageBytes
        return page
    }
}

/// A person as a row, before anything is made of it.
private struct StoredPerson: Sendable {
    let userID: String
    let companyID: String?
    let firstSeenAt: Timestamp
    let lastSeenAt: Timestamp
    let properties: String
    let companyProperties: String?

    func belongs(
        to rule: SegmentRule, _ counts: [EventCondition: [ClientText: Int]], _ work: inout SegmentWork
    ) throws -> Bool {
        work.beginPerson()
        let company = try companyProperties.map(Self.properties)
        let candidate = SegmentCandidate(
            userID: userID, companyID: companyID, firstSeenAt: firstSeenAt, lastSeenAt: lastSeenAt,
            properties: try Self.properties(properties).root, companyProperties: company?.root,
            eventCount: { counts[$0]?[ClientText(userID)] ?? 0 })
        return rule.matches(candidate, &work)
    }

    /// A damaged profile has none, and hides no other.
    private static func properties(_ json: String) throws(JSONError) -> JSONDocument {
        do {
            return try JSONDocument(stored: json)
        } catch {
            return try JSONDocument(parsing: "{}")
        }
    }
}
