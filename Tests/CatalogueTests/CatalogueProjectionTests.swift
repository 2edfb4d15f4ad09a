import Catalogue
import ControlStore
import EventStore
import JSON
import Projections
import StoreTestSupport
import Testing
import Text
import Time

struct CatalogueProjectionTests {
    let temporary: TemporaryStore
    let catalogue: CatalogueStore
    let rejections: IngestionRejections
    let projection: CatalogueProjection

    init() throws {
        temporary = try TemporaryStore()
        catalogue = CatalogueStore(store: temporary.store)
        rejections = IngestionRejections(store: temporary.store)
        projection = CatalogueProjection(store: temporary.store, rejections: rejections)
    }

    private func types(of subject: ProfileSubject, environmentID: Int64 = 1) async throws -> [String: PropertyType] {
        let properties = try await catalogue.properties(of: subject, environmentID: environmentID)
        return Dictionary(uniqueKeysWithValues: properties.map { ($0.key, $0.dataType) })
    }

    @Test func learnsNamesAndTypes() async throws {
        var log = EventLog()
        try await log.commit(
            [
                EventLog.identify(
                    "ann",
                    [
                        "monthly_active_users": 3, "plan": "pro", "created_at": "2025-01-01T00:00:00Z", "admin": true,
                        "tags": ["a"], "address": ["city": "Bern"], "gone": nil,
                    ]),
                EventLog.identifyCompany("acme", ["employeeCount": 10]),
            ], to: projection)
        #expect(
            try await types(of: .user) == [
                "monthly_active_users": .number, "plan": .string, "created_at": .date, "admin": .boolean, "tags": .list,
                "address": .object,
            ])
        let names = try await catalogue.properties(of: .user, environmentID: 1).map(\.displayName)
        #expect(names.contains("Monthly Active Users"))
        let company = try await catalogue.properties(of: .company, environmentID: 1)
        #expect(company.map(\.displayName) == ["Employee Count"] && company.map(\.dataType) == [.number])
    }

    @Test func namesAreTheirBytes() async throws {
        var log = EventLog()
        let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
        func object(_ members: (String, JSONValue)...) -> JSONValue { .object(JSONObject(members)) }
        for _ in 0..<2 {
            try await log.commit(
                [
                    EventLog.track("ann", composed, object((composed, 1), (decomposed, "x"))),
                    EventLog.track("ann", decomposed, object((composed, true))),
                    EventLog.identify("ann", object((composed, 1), (decomposed, "x"))),
                ], to: projection)
        }
        let events = try await catalogue.featuresAndEvents(environmentID: 1)
        #expect(Set(events.map { ClientText($0.name) }) == [ClientText(composed), ClientText(decomposed)])
        #expect(events.count == 2)
        let learned = try await catalogue.eventProperties(environmentID: 1).properties.filter { !$0.isBuiltIn }
        // Which of the two events is learned first is open.
        #expect(learned.count == 3 && Set(learned.map(\.dataType)) == [.number, .string, .boolean])
        let profile = try await catalogue.properties(of: .user, environmentID: 1)
        let types = Dictionary(grouping: profile, by: { ClientText($0.key) }).mapValues { $0.map(\.dataType) }
        #expect(types == [ClientText(composed): [.number], ClientText(decomposed): [.string]])
    }

    @Test func typesWiden() async throws {
        var log = EventLog()
        try await log.commit([EventLog.identify("ann", ["a": 1, "b": "2025-01-01", "c": true])], to: projection)
        try await log.commit([EventLog.identify("ann", ["a": "x", "b": "soon", "c": true])], to: projection)
        try await log.commit([EventLog.identify("ann", ["a": 2, "b": "2025-01-01", "c": nil])], to: projection)
        #expect(try await types(of: .user) == ["a": .string, "b": .string, "c": .boolean])
        // The store knows it too, not only the process that learned it.
        let again = CatalogueProjection(store: temporary.store, rejections: rejections)
        try await again.apply(
            [EventLog.committed([EventLog.identify("ann", ["c": 1])])], movingTo: log.nextPosition())
        #expect(try await types(of: .user) == ["a": .string, "b": .string, "c": .string])
    }

    @Test func learnsFeaturesAndEvents() async throws {
        var log = EventLog()
        try await log.commit(
            [
                EventLog.track("ann", "schedule_appointment", ["room": "4"], at: 200),
                EventLog.track("ann", "schedule_appointment", ["room": "4"], at: 100),
                EventLog.Event(type: .trackFeature, user: "ann", name: "448"),
                EventLog.Event(type: .pageView, user: "ann"),
                EventLog.Event(type: .interaction, user: "ann", name: "checklist:2:SEEN"),
                EventLog.Event(type: .sessionStart, user: "ann"),
            ], to: projection)
        let events = try await catalogue.featuresAndEvents(environmentID: 1)
        #expect(Set(events.map(\.type)) == [.track, .trackFeature, .pageView])
        let track = try #require(events.first { $0.type == .track })
        #expect(track.name == "schedule_appointment" && track.displayName == "Schedule Appointment")
        #expect(track.firstSeenAt == Timestamp(seconds: 100) && track.lastSeenAt == Timestamp(seconds: 200))
        #expect(events.first { $0.type == .trackFeature }?.name == "448")
        #expect(events.first { $0.type == .pageView }?.displayName == "Page View")
    }

    @Test func lastSeenMovesThoughTheShapeIsKnown() async throws {
        var log = EventLog()
        try await log.commit([EventLog.track("ann", "buy", ["price": 1], at: 100)], to: projection)
        try await log.commit([EventLog.track("bob", "buy", ["price": 2], at: 500)], to: projection)
        try await log.commit([EventLog.track("bob", "buy", ["price": 3], at: 50)], to: projection)
        let event = try #require(try await catalogue.featuresAndEvents(environmentID: 1).first)
        #expect(event.firstSeenAt == Timestamp(seconds: 50) && event.lastSeenAt == Timestamp(seconds: 500))
        let property = try #require(
            try await catalogue.eventProperties(environmentID: 1).properties.first { !$0.isBuiltIn })
        #expect(property.firstSeenAt == Timestamp(seconds: 50) && property.lastSeenAt == Timestamp(seconds: 500))
    }

    @Test func aPositionPassedBeforeHasNoEffect() async throws {
        var log = EventLog()
        let first = log.nextPosition()
        let second = log.nextPosition()
        try await projection.apply([EventLog.committed([EventLog.track("a", "one")])], movingTo: second)
        try await projection.apply([EventLog.committed([EventLog.track("a", "two")])], movingTo: first)
        try await projection.apply([EventLog.committed([EventLog.track("a", "two")])], movingTo: second)
        #expect(try await catalogue.featuresAndEvents(environmentID: 1).map(\.name) == ["one"])
        #expect(try await projection.position() == second)
    }

    @Test func hostileNamesAreKeptApartAndLimited() async throws {
        var log = EventLog()
        let names = ["'); DROP TABLE properties; --", "😀", "__proto__", "a\"b\\c", "\u{1}", "___", " "]
        try await log.commit(
            [EventLog.identify("ann", .object(JSONObject(names.map { ($0, .integer(1)) })))], to: projection)
        let learned = try await catalogue.properties(of: .user, environmentID: 1)
        #expect(Set(learned.map(\.key)) == Set(names) && learned.allSatisfy { !$0.displayName.isEmpty })

        let long = String(repeating: "x", count: 1_021)
        try await log.commit(
            [EventLog.identify("ann", .object(JSONObject([(long, .integer(1))]))), EventLog.track("ann", long)],
            to: projection)
        #expect(try await catalogue.properties(of: .user, environmentID: 1).count == names.count)
        #expect(try await catalogue.featuresAndEvents(environmentID: 1).isEmpty)

        for round in 0..<6 {
            let events = (0..<2_000).map { EventLog.track("ann", "event \(round) \($0)", ["k\(round)_\($0)": 1]) }
            try await log.commit(events, to: projection)
        }
        #expect(try await catalogue.featuresAndEvents(environmentID: 1).count == 10_000)
        #expect(try await catalogue.eventProperties(environmentID: 1).totalCount == 10_012)
        // Another environment has its own room, and a fresh process the same limit.
        let again = CatalogueProjection(store: temporary.store, rejections: rejections)
        try await again.apply(
            [EventLog.committed([EventLog.track("a", "new"), EventLog.track("a", "new", environmentID: 2)])],
            movingTo: log.nextPosition())
        #expect(try await catalogue.featuresAndEvents(environmentID: 1).count == 10_000)
        #expect(try await catalogue.featuresAndEvents(environmentID: 2).map(\.name) == ["new"])
        try await rejections.flush()
        #expect(try await rejections.list(environmentID: 1).first { $0.reason == "catalogue_limit" }?.count == 2_003)
    }

    @Test func manyEventsOfKnownShapes() async throws {
        var log = EventLog()
        let events = (0..<20_000).map {
            EventLog.track("user-\($0 % 2_000)", "event \($0 % 50)", ["price": 1, "name": "x"], at: 1_700_000_000)
        }
        let committed = EventLog.committed(events)
        for _ in 0..<2 {
            try await projection.apply([committed], movingTo: log.nextPosition())
        }
        #expect(try await catalogue.featuresAndEvents(environmentID: 1).count == 50)
        #expect(try await catalogue.eventProperties(environmentID: 1).totalCount == 112)
    }
}
