public import ControlStore
import GRDB
import JSON
public import Text
import Time

/// Finds out who belongs to a segment right now.
public struct SegmentMembers: Sendable {
    /// Counts, per user id, an environment's events that satisfy the condition. Users without any may be missing.
    public typealias EventCounter = @Sendable (EventCondition, _ environmentID: Int64) async throws -> [ClientText: Int]

    private let store: ControlStore
    private let countEvents: EventCounter

    /// How many persons are read at a time, so that no reader holds back the log of the store for long.
    private static let pageSize = 5_000

    public init(store: ControlStore, countEvents: @escaping EventCounter) {
        self.store = store
        self.countEvents = countEvents
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
            counts[condition] = try await countEvents(condition, environmentID)
        }
        var members: Set<ClientText> = []
        var lastUserID = ""
        while true {
            try Task.checkCancellation()
            let page = try await store.database.read { [counts, lastUserID] database in
                try Self.page(of: rule, environmentID, after: lastUserID, counts, from: database)
            }
            members.formUnion(page.members)
            guard let last = page.lastUserID else { return members }
            lastUserID = last
        }
    }

    /// - Returns: the members of one page, and its last person; nil when it is the last page.
    private static func page(
        of rule: SegmentRule, _ environmentID: Int64, after userID: String,
        _ counts: [EventCondition: [ClientText: Int]], from database: Database
    ) throws -> (members: [ClientText], lastUserID: String?) {
        let company = rule.looksAtCompany ? "c.properties" : "NULL"
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT p.user_id, p.company_id, p.first_seen_at, p.last_seen_at, p.properties, \(company)
                FROM persons p
                LEFT JOIN companies c ON c.environment_id = p.environment_id AND c.company_id = p.company_id
                WHERE p.environment_id = ? AND p.user_id > ? ORDER BY p.user_id LIMIT ?
                """,
            arguments: [environmentID, userID, pageSize])
        var members: [ClientText] = []
        var lastUserID: String?
        var count = 0
        while let row = try rows.next() {
            let userID: String = row[0]
            let companyProperties = try (row[5] as String?).map(Self.properties)
            let candidate = SegmentCandidate(
                userID: userID, companyID: row[1], firstSeenAt: row[2], lastSeenAt: row[3],
                properties: try Self.properties(row[4]).root,
                companyProperties: companyProperties?.root, eventCount: { counts[$0]?[ClientText(userID)] ?? 0 })
            if rule.matches(candidate) { members.append(ClientText(userID)) }
            lastUserID = userID
            count += 1
        }
        return (members, count == pageSize ? lastUserID : nil)
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
