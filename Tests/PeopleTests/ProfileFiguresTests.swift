import ControlStore
import EventStore
import JSON
import People
import StoreTestSupport
import TestSupport
import Testing
import Text
import Time

struct ProfileFiguresTests {
    let temporary: TemporaryStore
    let people: PeopleStore
    let projection: PeopleProjection
    private static let day: Int64 = 86_400
    private static let start: Int64 = 1_740_009_600

    init() throws {
        temporary = try TemporaryStore()
        people = PeopleStore(store: temporary.store)
        projection = PeopleProjection(
            store: temporary.store, rejections: IngestionRejections(store: temporary.store))
    }

    private func ann() async throws -> Person {
        try #require(try await people.person(environmentID: 1, userID: "ann"))
    }

    private func company(_ id: String) async throws -> Company {
        try #require(try await people.company(environmentID: 1, companyID: id))
    }

    /// Minutes after the start.
    private static func page(_ minutes: Int64, of user: String = "ann", company: String? = nil) -> EventLog.Event {
        EventLog.Event(type: .pageView, user: user, company: company, at: start + minutes * 60, source: .webClient)
    }

    private static func session(_ minutes: Int64) -> EventLog.Event {
        EventLog.Event(type: .sessionStart, user: "ann", at: start + minutes * 60)
    }

    @Test(
        arguments: [
            ([0, 10, 40, 70], [], 1), ([0, 31], [], 2), ([0, 30], [], 1), ([], [0, 20, 45, 80], 2), ([1, 2], [0], 1),
            ([0, 100], [99], 2), ([5], [0, 36], 2),
        ] as [([Int64], [Int64], Int)])
    func oneSittingIsOneVisit(pages: [Int64], sessions: [Int64], expected: Int) async throws {
        let events = pages.map { ($0, Self.page($0)) } + sessions.map { ($0, Self.session($0)) }
        let ordered = events.sorted { $0.0 < $1.0 }.map(\.1)
        var log = EventLog()
        // All at once and one at a time come to the same.
        try await log.commit(ordered, to: projection)
        #expect(try await ann().visitCount == expected)
        try await temporary.store.write { try $0.execute(sql: "DELETE FROM persons") }
        for event in ordered { try await log.commit([event], to: projection) }
        #expect(try await ann().visitCount == expected)
        let first = try #require(events.map(\.0).min())
        #expect(try await ann().firstVisitAt == Timestamp(seconds: Self.start + first * 60))
    }

    @Test func serversThatIdentifyAreNoActivity() async throws {
        var log = EventLog()
        try await log.commit([EventLog.identify("ann", ["n": 1], company: "acme", at: Self.start)], to: projection)
        var person = try await ann()
        #expect(person.lastActiveAt == nil && person.firstVisitAt == nil && person.visitCount == 0 && person.score == 0)
        #expect(try await company("acme").lastActiveAt == nil)
        // A server's event is activity, and no visit; what a page says of somebody is both.
        try await log.commit([EventLog.track("ann", "paid", company: "acme", at: Self.start + 5)], to: projection)
        person = try await ann()
        #expect(
            person.lastActiveAt == Timestamp(seconds: Self.start + 5) && person.visitCount == 0 && person.score == 3)
        #expect(try await company("acme").lastActiveAt == Timestamp(seconds: Self.start + 5))
        let fromPage = EventLog.Event(type: .identifyUser, user: "ann", at: Self.start + 60, source: .webClient)
        try await log.commit([fromPage], to: projection)
        person = try await ann()
        #expect(person.lastActiveAt == Timestamp(seconds: Self.start + 60) && person.visitCount == 1)
    }

    @Test func timesAreTheServers() async throws {
        var log = EventLog()
        try await log.commit([EventLog.track("ann", "x", at: 100)], to: projection)
        #expect(try await ann().createdAt == EventLog.receivedAt)
        #expect(try await ann().modifiedAt == EventLog.receivedAt)
        try await temporary.store.write { try $0.execute(sql: "UPDATE persons SET created_at = 1, modified_at = 1") }
        try await log.commit([EventLog.track("ann", "x", at: 200)], to: projection)
        #expect(try await ann().modifiedAt == Timestamp(microseconds: 1))
        try await log.commit([EventLog.identify("ann", at: 200)], to: projection)
        #expect(try await ann().createdAt == Timestamp(microseconds: 1))
        #expect(try await ann().modifiedAt == EventLog.receivedAt)
    }

    @Test func aCallerOfGainsightMovesTimes() async throws {
        var log = EventLog()
        func identify(_ seen: Int64, _ first: Int64, _ surface: EventSurface = .gainsight) -> EventLog.Event {
            EventLog.Event(
                type: .identifyUser, user: "ann",
                properties: ["lastSeenDate": .integer(seen * 1_000), "firstVisitDate": .integer(first * 1_000)],
                at: Self.start, surface: surface)
        }
        try await log.commit([identify(Self.start, Self.start, .userpilot)], to: projection)
        #expect(try await ann().lastActiveAt == nil)
        try await log.commit([Self.page(0), identify(Self.start + 90, Self.start - 90)], to: projection)
        try await log.commit([identify(Self.start + 30, Self.start - 30), identify(0, 0)], to: projection)
        // Far ahead of all clocks, it would hide everything to come.
        try await log.commit([identify(EventLog.receivedAt.milliseconds / 1_000 + 90_000, Self.start)], to: projection)
        let person = try await ann()
        #expect(person.lastActiveAt == Timestamp(seconds: Self.start + 90))
        #expect(person.firstVisitAt == Timestamp(seconds: Self.start - 90) && person.visitCount == 1)
    }

    @Test(
        arguments: [
            ([0], 3), ([0, 1, 2], 10), ([0, 29], 7), ([0, 30], 3), ([29, 0, 30], 7), ([400, 399, 370, 371, 0], 10),
            (Array(0..<45), 100), ([-20_300, -20_301], 7),
        ] as [([Int64], Int)])
    func scoreIsTheShareOfDays(days: [Int64], score: Int) async throws {
        let events = days.map { EventLog.track("ann", "x", at: Self.start + $0 * Self.day) }
        var log = EventLog()
        try await log.commit(events, to: projection)
        #expect(try await ann().score == score)
        try await temporary.store.write { try $0.execute(sql: "DELETE FROM persons") }
        for event in events { try await log.commit([event], to: projection) }
        #expect(try await ann().score == score)
        let last = try #require(days.max())
        #expect(try await ann().lastActiveAt == Timestamp(seconds: Self.start + last * Self.day))
    }

    @Test func companiesCountVisitsOfTheirUsersWhileTheyAreThere() async throws {
        var log = EventLog()
        try await log.commit(
            [
                Self.page(0, company: "acme"), Self.page(5, company: "acme"), Self.page(100, company: "globex"),
                Self.page(200), Self.page(0, of: "bob", company: "acme"),
            ], to: projection)
        try await log.commit([Self.page(210, company: "acme"), Self.page(300, company: "acme")], to: projection)
        #expect(try await company("acme").visitCount == 3)
        #expect(try await company("globex").visitCount == 1)
        #expect(try await ann().visitCount == 4)
        // What was counted is not counted again when a user is removed and comes back.
        let later = try await log.later([Self.page(400, company: "acme")], to: projection)
        #expect(try await people.delete(users: ["ann"], environmentID: 1, keeping: later))
        #expect(try await company("acme").visitCount == 4)
        #expect(try await ann().visitCount == 1)
    }

    /// Companies know how many users they have, whatever happens.
    @Test(arguments: 1...6) func companiesCountTheirUsers(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        var log = EventLog()
        let (users, companies) = ((0..<8).map { "u\($0)" }, ["a", "b", "c"])
        for _ in 0..<60 {
            let user = users.randomElement(using: &random) ?? ""
            let company = (companies + ["", nil]).randomElement(using: &random) ?? nil
            switch Int.random(in: 0..<12, using: &random) {
            case 10: _ = try await people.hide(user: user, environmentID: 1, at: EventLog.receivedAt)
            case 11:
                try await people.drop(company: companies.randomElement(using: &random) ?? "", environmentID: 1)
                try await people.drop(user: user, environmentID: 1)
            case 0:
                let later = try await log.later([EventLog.identify(user, company: company)], to: projection)
                #expect(try await people.delete(users: [user, "nobody"], environmentID: 1, keeping: later))
            case 1:
                let later = try await log.later([EventLog.identify(user, company: company)], to: projection)
                let gone = companies.randomElement(using: &random) ?? ""
                #expect(try await people.delete(companies: [gone], environmentID: 1, keeping: later))
            case 2:
                let none = try await log.later([], to: projection)
                #expect(try await people.delete(users: [user], environmentID: 1, keeping: none))
            case 3: try await log.commit([EventLog.track(user, "x", company: company)], to: projection)
            case 4:
                let others = [EventLog.identify(user, company: "c"), EventLog.identify(user, company: company)]
                try await log.commit(others + [EventLog.identifyCompany("b", ["n": 1])], to: projection)
            default: try await log.commit([EventLog.identify(user, company: company)], to: projection)
            }
            let wrong = try await temporary.store.read { database in
                try database.values(
                    String.self,
                    sql: """
                        SELECT company_id FROM companies c WHERE user_count <> (
                            SELECT count(*) FROM persons p
                            WHERE p.environment_id = c.environment_id AND p.company_id = c.company_id)
                        """)
            }
            #expect(wrong == [])
            let counts = try await temporary.store.read { database in
                try [
                    "profile_counts",
                    "(SELECT (SELECT count(*) FROM persons) AS persons, (SELECT count(*) FROM companies) AS companies)",
                ]
                .map { try database.row(sql: "SELECT persons, companies FROM \($0)")?.columns.map(\.value) }
            }
            #expect(counts[0] ?? [.integer(0), .integer(0)] == counts[1])
        }
    }
}
