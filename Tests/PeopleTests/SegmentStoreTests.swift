import ControlStore
import EventStore
import JSON
import People
import StoreTestSupport
import Synchronization
import Testing
import Text
import Time

struct SegmentStoreTests {
    let temporary: TemporaryStore
    let segments: SegmentStore
    let isPro: JSONValue = ["user_property": "plan", "operator": "equals", "value": "pro"]

    init() throws {
        temporary = try TemporaryStore()
        segments = SegmentStore(store: temporary.store, clock: WallClock { Timestamp(seconds: 9) })
    }

    @Test func createsChangesAndDeletes() async throws {
        let made = try await segments.create(NewSegment(title: "Pro's \"best\" 😀", rule: isPro), environmentID: 1)
        #expect(try await segments.segment(made.id, environmentID: 1) == made)
        #expect(made.usage == "all" && made.category == "user_id" && made.status == .published)
        let changed = try #require(
            try await segments.update(
                made.id, SegmentChanges(description: .some("paying"), status: .archived), environmentID: 1))
        #expect(changed.title == made.title && changed.rule == isPro)
        #expect(changed.description == "paying" && changed.status == .archived)
        let cleared = try await segments.update(
            made.id, SegmentChanges(description: .some(nil)), environmentID: 1)
        #expect(cleared?.description == nil && cleared?.status == .archived)
        #expect(try await segments.delete(made.id, environmentID: 1))
        #expect(try await segments.segment(made.id, environmentID: 1) == nil)
        #expect(try await segments.delete(made.id, environmentID: 1) == false)
    }

    @Test func noEnvironmentSeesAnother() async throws {
        let made = try await segments.create(NewSegment(title: "Pro", rule: isPro), environmentID: 1)
        #expect(try await segments.segment(made.id, environmentID: 2) == nil)
        #expect(try await segments.update(made.id, SegmentChanges(title: "x"), environmentID: 2) == nil)
        #expect(try await segments.delete(made.id, environmentID: 2) == false)
        #expect(try await segments.list(environmentID: 2).totalCount == 0)
        #expect(try await segments.segment(made.id, environmentID: 1)?.title == "Pro")
    }

    @Test func refusesWhatItCannotEvaluate() async throws {
        await #expect(throws: SegmentError.invalidTitle) {
            try await segments.create(NewSegment(title: "", rule: isPro), environmentID: 1)
        }
        let error = await #expect(throws: SegmentError.self) {
            try await segments.create(NewSegment(title: "x", rule: ["all": ["nonsense"]]), environmentID: 1)
        }
        #expect(error?.description == "rule.all[0]: give an object")
        #expect(try await segments.list(environmentID: 1).totalCount == 0)
    }

    @Test func protectionHoldsUntilItIsLifted() async throws {
        let made = try await segments.create(
            NewSegment(title: "Kept", isProtected: true, rule: isPro), environmentID: 1)
        await #expect(throws: SegmentError.protected(id: made.id)) {
            try await segments.delete(made.id, environmentID: 1)
        }
        await #expect(throws: SegmentError.protected(id: made.id)) {
            try await segments.update(made.id, SegmentChanges(title: "x"), environmentID: 1)
        }
        _ = try await segments.update(made.id, SegmentChanges(isProtected: false), environmentID: 1)
        #expect(try await segments.delete(made.id, environmentID: 1))
    }

    @Test func listsPageByPage() async throws {
        var ids: [Int64] = []
        for number in 0..<5 {
            ids.append(try await segments.create(NewSegment(title: "\(number)", rule: isPro), environmentID: 1).id)
        }
        let first = try await segments.list(environmentID: 1, limit: 3)
        #expect(first.segments.map(\.id) == Array(ids[0..<3]) && first.totalCount == 5)
        let second = try await segments.list(environmentID: 1, after: ids[2], limit: 3)
        #expect(second.segments.map(\.id) == Array(ids[3...]) && second.totalCount == 5)
    }

    @Test func findsItsMembers() async throws {
        var log = EventLog()
        let projection = PeopleProjection(
            store: temporary.store, rejections: IngestionRejections(store: temporary.store))
        var events = (0..<12_000).map {
            EventLog.identify("u\($0)", ["plan": $0.isMultiple(of: 2) ? "pro" : "free"], company: "c\($0 % 3)")
        }
        events.append(EventLog.identify("u0", ["plan": "pro"], environmentID: 2))
        events += [EventLog.identifyCompany("c1", ["country": "CH"])]
        try await log.commit(events, to: projection)

        let asked = Mutex<[Timestamp?]>([])
        let finder = finder(temporary.store) { environmentID, name, since in
            asked.withLock { $0.append(since) }
            return environmentID == 1 && name == "buy" ? ["u4": 3, "u10": 2, "unknown": 9] : [:]
        }
        let pro = try await segments.create(NewSegment(title: "Pro", rule: isPro), environmentID: 1)
        let members = try await finder.members(of: pro, environmentID: 1)
        #expect(members.count == 6_000 && members.contains("u11998") && !members.contains("u1"))
        #expect(asked.withLock { $0.isEmpty })

        let swiss: JSONValue = ["company_property": "country", "operator": "equals", "value": "CH"]
        let buyers: JSONValue = ["event": "buy", "operator": "at_least", "count": 2, "within_days": 7]
        let rule = try SegmentRule(parsing: ["all": [isPro, swiss, buyers, ["not": ["any": [["not": buyers]]]]]])
        #expect(try await finder.members(of: rule, environmentID: 1) == ["u4", "u10"])
        #expect(asked.withLock { $0 } == [Timestamp(seconds: 9_000_000 - 7 * 86_400)])
        #expect(try await finder.members(of: rule, environmentID: 2).isEmpty)
        #expect(try await finder.members(of: pro, environmentID: 2) == ["u0"])
    }

    @Test func countsOfUsersWhoseIDsLookAlikeStayApart() async throws {
        let temporary = try TemporaryStore()
        let projection = PeopleProjection(
            store: temporary.store, rejections: IngestionRejections(store: temporary.store))
        var log = EventLog()
        try await log.commit(["\u{E9}", "e\u{301}", "x"].map { EventLog.identify($0) }, to: projection)
        let finder = finder(temporary.store) { _, name, _ in
            name.hasSameBytes(as: "\u{C5}") ? ["\u{E9}": 1, "e\u{301}": 2] : ["x": 1]
        }
        func members(_ name: String, exactly count: Int64) async throws -> Set<ClientText> {
            let rule: JSONValue = ["event": .string(name), "operator": "exactly", "count": .integer(count)]
            return try await finder.members(of: SegmentRule(parsing: rule), environmentID: 1)
        }
        #expect(try await members("\u{C5}", exactly: 1) == ["\u{E9}"])
        #expect(try await members("\u{C5}", exactly: 2) == ["e\u{301}"])
        #expect(try await members("\u{212B}", exactly: 1) == ["x"])
    }

    @Test func aSegmentThatTakesTooMuchWorkIsTold() async throws {
        let temporary = try TemporaryStore()
        let projection = PeopleProjection(
            store: temporary.store, rejections: IngestionRejections(store: temporary.store))
        var log = EventLog()
        let text = JSONValue.string(String(repeating: "a", count: 60_000))
        let people = (0..<40).map { EventLog.identify("u\($0)", ["text": text]) }
        try await log.commit(people, to: projection)
        let finder = finder(temporary.store) { _, _, _ in [:] }
        func rule(_ count: Int) throws -> SegmentRule {
            let condition: JSONValue = ["user_property": "text", "operator": "contains", "value": "aab"]
            return try SegmentRule(parsing: ["any": .array(Array(repeating: condition, count: count))])
        }
        #expect(try await finder.members(of: rule(1), environmentID: 1).isEmpty)
        await #expect(throws: SegmentError.tooCostly) {
            try await finder.members(of: rule(100), environmentID: 1)
        }
    }

    @Test func largeRulesAreRefusedAndThoseThatAreStoredStay() async throws {
        let temporary = try TemporaryStore()
        let segments = SegmentStore(store: temporary.store, clock: .system)
        let values = JSONValue.array((0..<1_000).map { .string("\($0)" + String(repeating: "x", count: 300)) })
        let large: JSONValue = ["user_property": "plan", "operator": "in", "value": values]
        await #expect(throws: SegmentError.self) {
            try await segments.create(NewSegment(title: "Large", rule: large), environmentID: 1)
        }
        let stored = try await segments.create(
            NewSegment(title: "Small", rule: ["user_property": "plan", "operator": "exists"]), environmentID: 1)
        try await temporary.store.write { database in
            try database.execute(
                sql: "UPDATE segments SET rule = ? WHERE id = ?", arguments: [large.encodedString, stored.id])
        }
        let renamed = try await segments.update(stored.id, SegmentChanges(title: "Larger"), environmentID: 1)
        #expect(renamed?.title == "Larger" && renamed?.rule == large)
    }
}

/// Answers how many events users have.
private struct FixedCounts: UserEventCounts {
    typealias Answer = @Sendable (_ environmentID: Int64, _ name: String?, _ since: Timestamp?) -> [ClientText: Int]

    let answer: Answer

    func eventCounts(environmentID: Int64, name: String?, type: String?, since: Timestamp?) -> [ClientText: Int] {
        answer(environmentID, name, since)
    }
}

private func finder(_ store: ControlStore, _ answer: @escaping FixedCounts.Answer) -> SegmentMembers {
    SegmentMembers(
        store: store, events: FixedCounts(answer: answer), clock: WallClock { Timestamp(seconds: 9_000_000) })
}
