import ControlStore
import EventStore
import JSON
import People
import StoreTestSupport
import Testing

/// Single profiles, read for many at once.
struct SharedReadsTests {
    private let temporary: TemporaryStore
    private let people: PeopleStore
    private let projection: PeopleProjection

    init() throws {
        temporary = try TemporaryStore()
        people = PeopleStore(store: temporary.store)
        projection = PeopleProjection(
            store: temporary.store, rejections: IngestionRejections(store: temporary.store))
    }

    @Test func everybodyGetsTheirOwn() async throws {
        var log = EventLog()
        let large = JSONValue.string(String(repeating: "x", count: 60_000))
        // Some are so large that a transaction ends with them.
        try await log.commit(
            (0..<100).map { number in
                EventLog.identify(
                    "u\(number)", ["n": .integer(Int64(number)), "t": number % 3 == 0 ? large : ""],
                    company: "c\(number)")
            } + [EventLog.identify("u1", ["n": -1], environmentID: 2)], to: projection)
        let found = try await withThrowingTaskGroup(of: (Int, Int64?, String?).self) { group in
            for number in 0..<300 {
                group.addTask {
                    let person = try await people.person(environmentID: 1, userID: "u\(number)")
                    let company = try await people.company(environmentID: 1, companyID: "c\(number)")
                    return (number, person?.properties["n"]?.int64, company?.companyID)
                }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = ($1.1, $1.2) }
        }
        #expect(found.count == 300)
        for (number, one) in found {
            #expect(one.0 == (number < 100 ? Int64(number) : nil))
            #expect(one.1 == (number < 100 ? "c\(number)" : nil))
        }
        #expect(try await people.person(environmentID: 2, userID: "u1")?.properties["n"] == -1)
    }

    @Test func whatCannotBeReadIsNobodyElsesConcern() async throws {
        var log = EventLog()
        try await log.commit((0..<20).map { EventLog.identify("u\($0)", ["n": 1]) }, to: projection)
        try await temporary.store.write { database in
            try database.execute(sql: "UPDATE persons SET properties = '{' WHERE user_id = 'u7'")
        }
        await withTaskGroup(of: (Int, Bool).self) { group in
            for number in 0..<20 {
                group.addTask {
                    (number, (try? await people.person(environmentID: 1, userID: "u\(number)")) != nil)
                }
            }
            for await (number, isRead) in group { #expect(isRead == (number != 7), "u\(number)") }
        }
    }

    @Test func whoAsksAfterAWriteSeesIt() async throws {
        var log = EventLog()
        for number in 0..<50 {
            async let other = people.person(environmentID: 1, userID: "ann")
            try await log.commit([EventLog.identify("ann", ["n": .integer(Int64(number))])], to: projection)
            let person = try await people.person(environmentID: 1, userID: "ann")
            #expect(person?.properties["n"]?.int64 == Int64(number))
            _ = try await other
        }
    }
}
