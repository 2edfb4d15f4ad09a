import ControlStore
import EventStore
import JSON
import People
import StoreTestSupport
import Testing
import Text
import Time

struct RemovalTests {
    let temporary: TemporaryStore
    let people: PeopleStore
    let projection: PeopleProjection
    private static let now = EventLog.receivedAt

    init() throws {
        temporary = try TemporaryStore()
        people = PeopleStore(store: temporary.store)
        projection = PeopleProjection(
            store: temporary.store, rejections: IngestionRejections(store: temporary.store))
    }

    private func hide(_ user: String) async throws -> Bool {
        try await people.hide(user: user, environmentID: 1, at: Self.now)
    }

    @Test func whoIsHiddenComesBackAsTheyWere() async throws {
        var log = EventLog()
        try await log.commit(
            [
                EventLog.identify("ann", ["plan": "pro"], company: "acme"), EventLog.identify("bob", company: "acme"),
                EventLog.identify("ann", ["other": true], environmentID: 2),
                EventLog.Event(type: .pageView, user: "ann", at: 1_749_000_000, source: .webClient),
            ], to: projection)
        let before = try await people.person(environmentID: 1, userID: "ann")
        #expect(try await hide("ann"))
        #expect(try await people.person(environmentID: 1, userID: "ann") == nil)
        #expect(try await people.persons(environmentID: 1).map(\.userID) == ["bob"])
        #expect(try await people.company(environmentID: 1, companyID: "acme")?.userCount == 1)
        #expect(try await people.person(environmentID: 2, userID: "ann") != nil)
        #expect(try await !hide("ann"))
        #expect(try await people.knows(user: "ann", environmentID: 1))
        #expect(try await people.hiddenUsers(until: Self.now, limit: 9).map(\.userID) == ["ann"])
        #expect(try await people.hiddenUsers(until: Self.now.adding(seconds: -1), limit: 9).isEmpty)
        // Others' events, and those of who was never there, bring nobody back.
        try await log.commit([EventLog.identify("carl"), EventLog.track("bob", "x")], to: projection)
        #expect(try await people.person(environmentID: 1, userID: "ann") == nil)
        try await log.commit([EventLog.identify("ann", ["seats": 1])], to: projection)
        let after = try #require(try await people.person(environmentID: 1, userID: "ann"))
        #expect(after.properties == ["plan": "pro", "seats": 1] && after.companyID == "acme")
        #expect(after.visitCount == 1 && after.createdAt == before?.createdAt && after.score == before?.score)
        #expect(try await people.company(environmentID: 1, companyID: "acme")?.userCount == 2)
        #expect(try await people.hiddenUsers(until: Self.now, limit: 9).isEmpty)
        // Once more, by an event that says nothing of them.
        #expect(try await hide("ann"))
        try await log.commit([EventLog.track("ann", "login")], to: projection)
        #expect(try await people.person(environmentID: 1, userID: "ann")?.properties == after.properties)
    }

    @Test func whoIsHiddenComesBackAmongNewPeople() async throws {
        var log = EventLog()
        try await log.commit([EventLog.identify("bob", ["plan": "pro"], company: "acme")], to: projection)
        #expect(try await hide("bob"))
        try await log.commit(
            ["ann", "bob", "carl"].map { EventLog.identify($0, ["seats": 1]) }, to: projection)
        #expect(try await people.persons(environmentID: 1).map(\.userID) == ["ann", "bob", "carl"])
        let bob = try #require(try await people.person(environmentID: 1, userID: "bob"))
        #expect(bob.properties == ["plan": "pro", "seats": 1] && bob.companyID == "acme")
        #expect(try await people.hiddenUsers(until: Self.now, limit: 9).isEmpty)
    }

    @Test func theFirstIdentifyCallIsTheSignUp() async throws {
        var log = EventLog()
        let view = EventLog.Event(type: .pageView, user: "ann", source: .webClient)
        func signUp() async throws -> String? {
            try await people.person(environmentID: 1, userID: "ann")?.signedUpBy
        }
        try await log.commit([view], to: projection)
        #expect(try await signUp() == nil)
        let calls = try await log.later(
            [view, EventLog.identify("ann"), EventLog.identify("ann"), EventLog.track("ann", "x")], to: projection
        ).events(upTo: .end)
        // One after the other, they come with the id of the first of a batch.
        let first = try #require(try await signUp())
        #expect(first == EventLog.committed([view]).identifiers[0].description && calls.identifiers.count == 4)
        #expect(try await hide("ann"))
        try await log.commit([EventLog.identify("ann")], to: projection)
        #expect(try await signUp() == first)
        // In one batch it is the first of them, and who comes back after a deletion signs up anew.
        let none = try await log.later([], to: projection)
        #expect(try await people.delete(users: ["ann"], environmentID: 1, keeping: none))
        let events = [view, view, EventLog.identify("ann"), EventLog.identify("ann")]
        try await log.commit(events, to: projection)
        #expect(try await signUp() == EventLog.committed(events).identifiers[2].description)
    }

    @Test func deletionTakesWhoIsHidden() async throws {
        var log = EventLog()
        try await log.commit([EventLog.identify("ann", ["secret": 1], company: "acme")], to: projection)
        #expect(try await hide("ann"))
        let none = try await log.later([], to: projection)
        #expect(try await people.delete(users: ["ann"], environmentID: 1, keeping: none))
        #expect(try await !people.knows(user: "ann", environmentID: 1))
        try await log.commit([EventLog.identify("ann", ["new": 1])], to: projection)
        let ann = try #require(try await people.person(environmentID: 1, userID: "ann"))
        #expect(ann.properties == ["new": 1] && ann.companyID == nil)
        // An environment takes them with it, and a company lets go of them.
        try await log.commit([EventLog.identify("ann", company: "acme")], to: projection)
        #expect(try await hide("ann"))
        #expect(try await people.delete(companies: ["acme"], environmentID: 1, keeping: none) == false)
        let now = try await log.later([], to: projection)
        #expect(try await people.delete(companies: ["acme"], environmentID: 1, keeping: now))
        try await log.commit([EventLog.track("ann", "x")], to: projection)
        #expect(try await people.person(environmentID: 1, userID: "ann")?.companyID == nil)
        #expect(try await hide("ann"))
        try await people.deleteAll(environmentID: 1)
        #expect(try await !people.knows(user: "ann", environmentID: 1))
    }

    @Test func membersAreFoundOnceEachAndNobodyWhoCameLater() async throws {
        var log = EventLog()
        for number in 0..<7 { try await log.commit([EventLog.identify("u\(number)", company: "acme")], to: projection) }
        try await log.commit([EventLog.identify("other", company: "globex")], to: projection)
        #expect(try await hide("u3"))
        #expect(try await hide("u6"))
        try await people.noteMembers(ofCompany: "acme", environmentID: 1)
        try await people.drop(company: "acme", environmentID: 1)
        #expect(try await !people.knows(company: "acme", environmentID: 1))
        // Whoever comes later, known before or not, is not meant; whoever leaves is.
        try await log.commit(
            [
                EventLog.identify("later", company: "acme"), EventLog.identify("other", company: "acme"),
                EventLog.identify("u0", company: "globex"),
            ], to: projection)
        var found: [String] = []
        while true {
            let page = try await people.notedMembers(ofCompany: "acme", environmentID: 1, limit: 2)
            if page.isEmpty { break }
            found += page
            try await people.forgetNoted(page, ofCompany: "acme", environmentID: 1)
        }
        #expect(found == (0..<7).map { "u\($0)" })
        // The company is there again, and counts those who name it.
        #expect(try await people.company(environmentID: 1, companyID: "acme")?.userCount == 6)
        try await people.drop(user: "u1", environmentID: 1)
        #expect(try await people.company(environmentID: 1, companyID: "acme")?.userCount == 5)
    }
}
