import ControlStore
import EventStore
import JSON
import Logging
import People
import Projections
import StoreTestSupport
import TestSupport
import Testing
import Text
import Time

struct PeopleProjectionTests {
    let temporary: TemporaryStore
    let people: PeopleStore
    let rejections: IngestionRejections
    let projection: PeopleProjection

    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init() throws {
        temporary = try TemporaryStore()
        people = PeopleStore(store: temporary.store)
        rejections = IngestionRejections(store: temporary.store)
        projection = PeopleProjection(store: temporary.store, rejections: rejections)
    }

    @Test func mergesPropertiesInLogOrder() async throws {
        var log = EventLog()
        try await log.commit(
            [
                EventLog.identify("ann", ["plan": "free", "seats": 1, "tags": ["a"]], at: 200),
                // Older by its own time, later in the log: the log wins.
                EventLog.identify("ann", ["seats": 5, "plan": nil, "city": "Zürich"], at: 100),
            ], to: projection)
        try await log.commit([EventLog.identify("ann", ["plan": "pro"], at: 150)], to: projection)
        let ann = try #require(try await people.person(environmentID: 1, userID: "ann"))
        #expect(ann.properties == ["seats": 5, "tags": ["a"], "city": "Zürich", "plan": "pro"])
        #expect(ann.properties.object?.keys == ["seats", "tags", "city", "plan"])
        #expect(ann.firstSeenAt == Timestamp(seconds: 100) && ann.lastSeenAt == Timestamp(seconds: 200))
    }

    @Test func keepsValuesVerbatim() async throws {
        var log = EventLog()
        let properties = try JSONValue(
            parsing: #"{"big":123456789012345678901,"small":0.1,"text":"\"q\" \\ 'x' 😀","nested":{"a":[1,null]}}"#)
        try await log.commit([EventLog.identify("ann", properties)], to: projection)
        #expect(try await people.person(environmentID: 1, userID: "ann")?.properties == properties)
    }

    @Test func takesHostileIdsAndKeys() async throws {
        var log = EventLog()
        let names = [
            "'; DROP TABLE persons; --", "😀\u{200D}", "a\"b", "\u{1}\u{1F}", String(repeating: "x", count: 5_000),
        ]
        for name in names { try await log.commit([EventLog.identify(name, [:], company: name)], to: projection) }
        for name in names {
            try await log.commit(
                [EventLog.identify(name, .object(JSONObject([(name, .string(name))])))], to: projection)
            let person = try #require(try await people.person(environmentID: 1, userID: name))
            #expect(person.properties[name]?.string == name && person.companyID == name)
        }
        #expect(try await people.personCount(environmentID: 1) == names.count)
    }

    @Test func idsAndKeysAreTheirBytes() async throws {
        var log = EventLog()
        let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
        func object(_ members: (String, JSONValue)...) -> JSONValue { .object(JSONObject(members)) }
        let properties = object((composed, 1), (decomposed, 2))
        try await log.commit(
            [
                EventLog.identify(composed, properties, company: composed),
                EventLog.identify(decomposed, ["plan": "pro"], company: decomposed),
                EventLog.identifyCompany(decomposed, ["size": 7]),
            ], to: projection)
        try await log.commit(
            [EventLog.identify(composed, object((composed, 3)))], to: projection)
        #expect(try await people.personCount(environmentID: 1) == 2)
        #expect(try await people.companyCount(environmentID: 1) == 2)
        let first = try #require(try await people.person(environmentID: 1, userID: composed))
        #expect(first.properties == object((composed, 3), (decomposed, 2)))
        #expect(first.companyID.hasSameBytes(as: composed))
        let second = try #require(try await people.person(environmentID: 1, userID: decomposed))
        #expect(second.properties == ["plan": "pro"] && second.companyID.hasSameBytes(as: decomposed))
        #expect(try await people.company(environmentID: 1, companyID: composed)?.properties == [:])
        // A deletion takes the one that it names, and brings back only what is that one's.
        let later = try await log.later([EventLog.identify(decomposed, ["plan": "free"])], to: projection)
        #expect(try await people.delete(users: [composed], environmentID: 1, keeping: later))
        #expect(try await people.person(environmentID: 1, userID: composed) == nil)
        #expect(try await people.person(environmentID: 1, userID: decomposed)?.properties == ["plan": "free"])
    }

    @Test func everyEventWithAUserMakesAPerson() async throws {
        var log = EventLog()
        try await log.commit(
            [
                EventLog.track("ann", "login", at: 300), EventLog.track("ann", "logout", at: 200),
                EventLog.track(nil, "anonymous"), EventLog.track("", "empty id"),
                EventLog.track("bob", "login", company: "acme", at: 400),
            ], to: projection)
        #expect(try await people.persons(environmentID: 1).map(\.userID) == ["ann", "bob"])
        let ann = try #require(try await people.person(environmentID: 1, userID: "ann"))
        #expect(ann.firstSeenAt == Timestamp(seconds: 200) && ann.lastSeenAt == Timestamp(seconds: 300))
        #expect(try await people.companies(environmentID: 1).map(\.companyID) == ["acme"])
        // Only identify says which company a user belongs to.
        #expect(try await people.person(environmentID: 1, userID: "bob")?.companyID == nil)
    }

    @Test func aNewCompanyMovesTheUser() async throws {
        var log = EventLog()
        try await log.commit([EventLog.identify("ann", company: "acme")], to: projection)
        try await log.commit([EventLog.identify("ann", ["a": 1])], to: projection)
        #expect(try await people.person(environmentID: 1, userID: "ann")?.companyID == "acme")
        try await log.commit([EventLog.identify("ann", company: "globex")], to: projection)
        #expect(try await people.person(environmentID: 1, userID: "ann")?.companyID == "globex")
        #expect(try await people.companyCount(environmentID: 1) == 2)
    }

    @Test func mergesCompanies() async throws {
        var log = EventLog()
        try await log.commit([EventLog.identifyCompany("acme", ["size": 10, "country": "CH"])], to: projection)
        try await log.commit([EventLog.identifyCompany("acme", ["size": nil, "country": "DE"])], to: projection)
        #expect(try await people.company(environmentID: 1, companyID: "acme")?.properties == ["country": "DE"])
    }

    @Test func keepsFiveHundredPropertiesAndCountsTheRest() async throws {
        var log = EventLog()
        let many = JSONObject((0..<510).map { ("p\($0)", .integer(Int64($0))) })
        try await log.commit([EventLog.identify("ann", .object(many))], to: projection)
        var ann = try #require(try await people.person(environmentID: 1, userID: "ann"))
        #expect(ann.properties.object?.count == 500 && ann.properties["p499"] == 499 && ann.properties["p500"] == nil)
        // A known one may change, and a removed one makes room.
        try await log.commit(
            [EventLog.identify("ann", ["p0": nil, "p1": "new", "late": true, "later": true])], to: projection)
        ann = try #require(try await people.person(environmentID: 1, userID: "ann"))
        #expect(ann.properties.object?.count == 500)
        #expect(ann.properties["p1"] == "new" && ann.properties["late"] == true && ann.properties["later"] == nil)
        try await rejections.flush()
        let counted = try #require(try await rejections.list(environmentID: 1).first)
        #expect(counted.reason == "property_limit" && counted.count == 11)
        #expect(counted.lastDetail == "user ann: 'later' is more than 500 properties")
    }

    /// After somebody new the next one is taken for new as well, until it turns out that they are not.
    @Test func newAndKnownPeopleComeInTurn() async throws {
        var log = EventLog()
        let users = (0..<10).map { "user-\($0)" }
        let known = users.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
        try await log.commit(known.map { EventLog.identify($0, ["plan": "free"], company: "acme") }, to: projection)
        let many = JSONObject((0..<501).map { ("p\($0)", .integer(Int64($0))) })
        try await log.commit(users.map { EventLog.identify($0, .object(many)) }, to: projection)
        for user in users {
            let person = try #require(try await people.person(environmentID: 1, userID: user))
            #expect(person.properties.object?.count == 500)
            #expect((person.properties["plan"] == "free") == known.contains(user))
            #expect((person.companyID == "acme") == known.contains(user))
        }
        let counted = try await temporary.store.read { database in
            try database.value(Int.self, sql: "SELECT persons FROM profile_counts WHERE environment_id = 1")
        }
        #expect(counted == 10)
        #expect(try await people.company(environmentID: 1, companyID: "acme")?.userCount == 5)
        // Nobody's properties are counted twice: two of who had one, one of the others.
        try await rejections.flush()
        #expect(try await rejections.list(environmentID: 1).map(\.count) == [15])
    }

    @Test func environmentsAreApart() async throws {
        var log = EventLog()
        try await log.commit(
            [
                EventLog.identify("ann", ["in": 1], company: "acme"),
                EventLog.identify("ann", ["in": 2], environmentID: 2),
                EventLog.identifyCompany("acme", ["in": 1]),
            ], to: projection)
        #expect(try await people.person(environmentID: 1, userID: "ann")?.properties == ["in": 1])
        #expect(try await people.person(environmentID: 2, userID: "ann")?.properties == ["in": 2])
        #expect(try await people.company(environmentID: 2, companyID: "acme") == nil)
        let none = try await log.later([], to: projection)
        #expect(try await people.delete(users: ["ann"], environmentID: 2, keeping: none))
        #expect(try await people.delete(companies: ["acme"], environmentID: 2, keeping: none))
        #expect(try await people.person(environmentID: 1, userID: "ann")?.companyID == "acme")
        #expect(try await people.personCount(environmentID: 2) == 0)
    }

    @Test func aPositionPassedBeforeHasNoEffect() async throws {
        var log = EventLog()
        let first = log.nextPosition()
        let second = log.nextPosition()
        #expect(try await projection.position() == nil)
        let events = [EventLog.committed([EventLog.identify("ann", ["n": 1])])]
        try await projection.apply(events, movingTo: first)
        try await projection.apply([EventLog.committed([EventLog.identify("ann", ["n": 2])])], movingTo: second)
        try await projection.apply(events, movingTo: first)
        #expect(try await people.person(environmentID: 1, userID: "ann")?.properties == ["n": 2])
        #expect(try await projection.position() == second)
        // Another process goes on from the same place.
        let again = PeopleProjection(store: temporary.store, rejections: rejections)
        #expect(try await again.position() == second)
    }

    @Test func whoComesBackIsMadeAnew() async throws {
        var log = EventLog()
        try await log.commit(
            [
                EventLog.identify("ann", ["plan": "old", "secret": 1], company: "acme"), EventLog.identify("bob"),
                EventLog.identifyCompany("acme", ["secret": 1]),
            ], to: projection)
        let later = try await log.later(
            [
                EventLog.identify("ann", ["plan": "new"]), EventLog.identify("bob", ["n": 1]),
                EventLog.identifyCompany("acme", ["size": 5]),
                EventLog.identify("ann", ["last": true], company: "acme"),
            ], to: projection)
        #expect(try await people.delete(users: ["ann"], environmentID: 1, keeping: later))
        let ann = try #require(try await people.person(environmentID: 1, userID: "ann"))
        #expect(ann.properties == ["plan": "new", "last": true] && ann.companyID == "acme")
        #expect(try await people.person(environmentID: 1, userID: "bob")?.properties == ["n": 1])
        #expect(try await people.delete(companies: ["acme"], environmentID: 1, keeping: later))
        #expect(try await people.company(environmentID: 1, companyID: "acme")?.properties == ["size": 5])
        #expect(try await people.person(environmentID: 1, userID: "ann")?.companyID == "acme")
        // The projection has gone on: what was read of the log is not enough.
        try await log.commit([EventLog.identify("ann", ["more": 1])], to: projection)
        #expect(try await !people.delete(users: ["ann"], environmentID: 1, keeping: later))
        #expect(try await people.person(environmentID: 1, userID: "ann")?.properties["more"] == 1)
        #expect(try await people.userIDs(ofCompanies: ["acme", "other"], environmentID: 1) == ["ann"])
    }

    @Test func duplicatesAreLeftOut() async throws {
        var log = EventLog()
        let committed = EventLog.committed([EventLog.identify("ann"), EventLog.identify("bob")])
        try await projection.apply(
            [CommittedEvents(batch: committed.batch, indices: [1], identifiers: [committed.identifiers[1]])],
            movingTo: log.nextPosition())
        #expect(try await people.persons(environmentID: 1).map(\.userID) == ["bob"])
    }

    @Test func deletingReallyRemoves() async throws {
        var log = EventLog()
        try await log.commit(
            [
                EventLog.identify("ann", ["secret": 1], company: "acme"), EventLog.identify("bob", company: "acme"),
                EventLog.identifyCompany("acme", ["secret": 1]),
            ], to: projection)
        let none = try await log.later([], to: projection)
        #expect(try await people.delete(users: ["ann", "nobody", "ann"], environmentID: 1, keeping: none))
        #expect(try await people.person(environmentID: 1, userID: "ann") == nil)
        #expect(try await people.delete(companies: ["acme"], environmentID: 1, keeping: none))
        #expect(try await people.person(environmentID: 1, userID: "bob")?.companyID == nil)
        #expect(try await people.companyCount(environmentID: 1) == 0)
    }

    @Test func manyEventsOfSomeUsers() async throws {
        var log = EventLog()
        let events = (0..<20_000).map { EventLog.track("user-number-\($0 % 2_000)", "login", at: Int64($0)) }
        let committed = EventLog.committed(events)
        for _ in 0..<2 {
            try await projection.apply([committed], movingTo: log.nextPosition())
        }
        #expect(try await people.personCount(environmentID: 1) == 2_000)
        let person = try #require(try await people.person(environmentID: 1, userID: "user-number-7"))
        #expect(person.firstSeenAt == Timestamp(seconds: 7) && person.lastSeenAt == Timestamp(seconds: 18_007))
    }

    @Test func aProfileGrowsNoFurtherThanItMay() async throws {
        var log = EventLog()
        let zeros = JSONValue.array(Array(repeating: 0, count: 30_000))
        let text = JSONValue.string(String(repeating: "x", count: 600_000))
        try await log.commit([EventLog.identify("ann", ["a": zeros, "t": text])], to: projection)
        try await log.commit([EventLog.identify("ann", ["b": zeros, "u": text, "small": 1])], to: projection)
        var ann = try #require(try await people.person(environmentID: 1, userID: "ann"))
        #expect(ann.properties.object?.keys == ["a", "t", "small"])
        // What makes it no larger is taken, and what goes makes room.
        let changes: JSONValue = ["a": nil, "t": "short", "b": zeros, "u": text]
        try await log.commit([EventLog.identify("ann", changes)], to: projection)
        ann = try #require(try await people.person(environmentID: 1, userID: "ann"))
        #expect(ann.properties.object?.keys == ["t", "small", "b", "u"] && ann.properties["t"] == "short")
        try await rejections.flush()
        let counted = try #require(try await rejections.list(environmentID: 1).first)
        #expect(counted.reason == "profile_limit" && counted.count == 2)
        #expect(
            counted.lastDetail
                == "user ann: 'u' would make the profile larger than 1048576 bytes of JSON or 50000 values")
    }

    @Test func whatHasOutgrownTheLimitsIsReadAndChanged() async throws {
        var log = EventLog()
        try await log.commit([EventLog.identify("ann", ["n": 1])], to: projection)
        // More values than any client may send, and deeper: as versions before had let profiles grow.
        let zeros = Array(repeating: "0", count: 1_200_000).joined(separator: ",")
        let deep = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
        try await temporary.store.write { database in
            try database.execute(
                sql: "UPDATE persons SET properties = ?", arguments: ["{\"n\":1,\"z\":[\(zeros)],\"deep\":\(deep)}"])
        }
        #expect(
            try await people.person(environmentID: 1, userID: "ann")?.properties["z"]?.array?.count == 1_200_000)
        try await log.commit([EventLog.identify("ann", ["n": 2, "more": 1])], to: projection)
        var ann = try #require(try await people.person(environmentID: 1, userID: "ann"))
        #expect(ann.properties["n"] == 2 && ann.properties["more"] == nil)
        try await log.commit([EventLog.identify("ann", ["z": nil, "more": 1])], to: projection)
        ann = try #require(try await people.person(environmentID: 1, userID: "ann"))
        #expect(ann.properties.object?.keys == ["n", "deep", "more"])
    }

    private func plantDamage() async throws {
        try await temporary.store.write { database in
            try database.execute(
                sql: """
                    INSERT INTO persons (environment_id, user_id, first_seen_at, last_seen_at, properties)
                    VALUES (1, 'broken', 0, 0, '{"a":')
                    """)
        }
    }

    @Test func aDamagedProfileStopsNobodyElse() async throws {
        try await plantDamage()
        let events = try EventStore(
            path: temporary.folder.file("events.duckdb"), settings: EventStore.Settings(), logger: Self.logger)
        let feed = ProjectionFeed(projections: [projection], log: events, logger: Self.logger)
        let writer = try EventWriter(store: events, feed: feed, clock: .system, logger: Self.logger)
        let batch = EventLog.committed([
            EventLog.identify("before", ["n": 1]), EventLog.identify("broken", ["n": 1], company: "acme"),
            EventLog.identify("after", ["n": 1]), EventLog.identify("other", ["n": 1], environmentID: 2),
        ]).batch
        let outcomes = try await writer.write(batch, priority: .live)
        let run = Task { await feed.run() }
        try await feed.catchUp()
        for (user, environment) in [("before", Int64(1)), ("after", 1), ("other", 2)] {
            #expect(try await people.person(environmentID: environment, userID: user)?.properties == ["n": 1])
        }
        let setAside = SetAsideStore(store: temporary.store, clock: .system)
        let owner = SetAsideStore.Owner(environmentID: 1, projectID: 1)
        let listed = try await setAside.list(of: owner, kind: nil, after: 0, limit: 10)
        let item = try #require(listed.items.first)
        #expect(listed.total == 1 && item.entry.kind == .people && item.entry.attempts == 4)
        #expect(outcomes[1] == .accepted(try #require(EventIdentifier(item.entry.subject))))
        #expect(item.entry.userID == "broken" && item.entry.companyID == "acme")
        #expect(item.entry.reason.contains("malformed JSON"))
        let stranger = SetAsideStore.Owner(environmentID: 2, projectID: 2)
        #expect(try await setAside.list(of: stranger, kind: nil, after: 0, limit: 10).total == 0)
        #expect(try await setAside.dismiss(item.id, of: stranger) == false)

        // As long as the profile is damaged, trying again tells so; then it takes effect.
        let retry = EventRetry(log: events, projection: projection)
        let service = SetAsideService(store: setAside, retries: [.people: { try await retry.retry($0) }])
        let failed = try await service.retry(item.id, of: owner)
        #expect(failed == .failed(reason: item.entry.reason))
        #expect(try await setAside.find(item.id, of: owner)?.entry.attempts == 5)
        try await temporary.store.write {
            try $0.execute(sql: "UPDATE persons SET properties = '{\"a\":1}' WHERE user_id = 'broken'")
        }
        #expect(try await service.retry(item.id, of: owner) == .digested)
        #expect(
            try await people.person(environmentID: 1, userID: "broken")?.properties == ["a": 1, "n": 1])
        #expect(try await setAside.list(of: owner, kind: nil, after: 0, limit: 10).total == 0)
        #expect(try await service.retry(item.id, of: owner) == nil)
        await writer.stop()
        run.cancel()
        await run.value
    }

    @Test func whatIsSetAsideGoesWithWhoIsDeleted() async throws {
        try await plantDamage()
        let setAside = SetAsideStore(store: temporary.store, clock: .system)
        var log = EventLog()
        let event = EventLog.committed([EventLog.identify("broken", ["n": 1])])
        try await projection.apply(
            [],
            .advance(
                to: log.nextPosition(),
                settingAside: [
                    UnappliedEvent(
                        identifier: event.identifiers[0], event: event.batch[0], reason: "damaged", attempts: 4)
                ]))
        let owner = SetAsideStore.Owner(environmentID: 1, projectID: 1)
        let earlier = EventLog.receivedAt.adding(seconds: -1)
        try await setAside.delete(users: ["broken"], environmentID: 1, upTo: earlier)
        try await setAside.delete(users: ["broken"], environmentID: 2, upTo: EventLog.receivedAt)
        #expect(try await setAside.list(of: owner, kind: .people, after: 0, limit: 10).total == 1)
        #expect(try await setAside.list(of: owner, kind: .job, after: 0, limit: 10).total == 0)
        try await setAside.delete(users: ["broken"], environmentID: 1, upTo: EventLog.receivedAt)
        #expect(try await setAside.list(of: owner, kind: nil, after: 0, limit: 10).total == 0)
    }
}
