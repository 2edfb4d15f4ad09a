import ControlStore
import Cryptography
import EventStore
import Foundation
import JSON
import Logging
import People
import StoreTestSupport
import Synchronization
import TestSupport
import Testing
import Text
import Time

struct ProfileListsTests {
    let temporary: TemporaryStore
    let people: PeopleStore
    let projection: PeopleProjection
    let clock = HandClock()
    let lists: ProfileLists
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init() throws {
        temporary = try TemporaryStore()
        people = PeopleStore(store: temporary.store)
        projection = PeopleProjection(
            store: temporary.store, rejections: IngestionRejections(store: temporary.store))
        lists = try Self.lists(temporary, clock)
    }

    private static func lists(
        _ temporary: TemporaryStore, _ clock: HandClock, key: UInt8 = 1, memory: Int = ProfileLists.standardMemory
    ) throws -> ProfileLists {
        try ProfileLists(
            store: temporary.store, folder: temporary.folder.file("lists"),
            signingKey: SecretKey([UInt8](repeating: key, count: 32)), memory: memory, clock: clock.clock,
            logger: logger)
    }

    private static func property(_ type: ProfileAttribute.ValueType, _ names: ClientText...) -> ProfileAttribute {
        ProfileAttribute(type, .property(path: names))
    }

    private static let age = property(.number, "age")
    private static let name = property(.text, "name")
    private static let id = ProfileAttribute(.text, .id)

    private func all(_ query: ProfileQuery, of lists: ProfileLists? = nil) async throws -> [String] {
        let lists = lists ?? self.lists
        var page = try await lists.first(query, environmentID: 1, keyID: 7)
        let total = page.totalCount
        var ids = page.persons.map(\.userID) + page.companies.map(\.companyID)
        while let token = page.next {
            #expect(page.count == query.pageSize)
            page = try await lists.next(token, query.kind, environmentID: 1, keyID: 7)
            #expect(page.totalCount == total && page.next != token)
            ids += page.persons.map(\.userID) + page.companies.map(\.companyID)
        }
        #expect(page.count < query.pageSize && ids.count == total)
        return ids
    }

    private func find(_ terms: ProfileTerm...) async throws -> [String] {
        try await all(ProfileQuery(.person, where: [terms], pageSize: 2)).sorted()
    }

    @Test func tokensAreThereExactlyBehindFullPages() async throws {
        var log = EventLog()
        try await log.commit((0..<6).map { EventLog.identify("u\($0)", ["age": .integer($0)]) }, to: projection)
        for sort in [[], [ProfileQuery.SortKey(Self.age)]] {
            for (size, pages) in [(1, 7), (2, 4), (3, 3), (4, 2), (6, 2), (7, 1)] {
                let query = try ProfileQuery(.person, sort: sort, pageSize: size)
                var page = try await lists.first(query, environmentID: 1, keyID: 7)
                var (seen, tokens) = (1, Set<ClientText>())
                while let token = page.next {
                    #expect(tokens.insert(ClientText(token)).inserted)
                    page = try await lists.next(token, .person, environmentID: 1, keyID: 7)
                    // A client that tries again gets the same.
                    let again = try await lists.next(token, .person, environmentID: 1, keyID: 7)
                    #expect(again.persons == page.persons && again.next == page.next)
                    seen += 1
                }
                #expect(seen == pages && page.totalCount == 6)
            }
        }
        let nobody = try await lists.first(
            ProfileQuery(.person, where: [[ProfileTerm(Self.age, .greater, "9")]], pageSize: 5), environmentID: 1,
            keyID: 7)
        #expect(nobody.totalCount == 0 && nobody.persons.isEmpty && nobody.next == nil)
    }

    @Test func tokensAreForWhoGotThem() async throws {
        var log = EventLog()
        try await log.commit((0..<6).map { EventLog.identify("u\($0)", ["age": .integer($0)]) }, to: projection)
        for sort in [[], [ProfileQuery.SortKey(Self.age)]] {
            let query = try ProfileQuery(.person, sort: sort, pageSize: 2)
            let token = try #require(try await lists.first(query, environmentID: 1, keyID: 7).next)
            var forged = Array(token.utf8)
            forged[6] = forged[6] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            for wrong in [String(decoding: forged, as: UTF8.self), "", ".", "x", token + "0", "\(token.prefix(20))"] {
                await #expect(throws: ProfileListError.foreignToken) {
                    try await lists.next(wrong, .person, environmentID: 1, keyID: 7)
                }
            }
            for (kind, environment, key) in [
                (ProfileKind.company, Int64(1), Int64(7)), (.person, 2, 7), (.person, 1, 8),
            ] {
                await #expect(throws: ProfileListError.foreignToken) {
                    try await lists.next(token, kind, environmentID: environment, keyID: key)
                }
            }
            // After a restart it goes on; another server knows nothing of it.
            _ = try await lists.next(token, .person, environmentID: 1, keyID: 7)
            let folder = temporary.folder.file("lists")
            // The order is written beside its place, and moved there.
            while !sort.isEmpty,
                try !FileManager.default.contentsOfDirectory(atPath: folder).contains(where: {
                    $0.wholeMatch(of: /[0-9a-f]+-[0-9a-f]+/) != nil
                })
            {
                try await Task.sleep(for: .milliseconds(5))
            }
            let restarted = try Self.lists(temporary, clock)
            #expect(try await restarted.next(token, .person, environmentID: 1, keyID: 7).persons.count == 2)
            let other = try Self.lists(temporary, clock, key: 2)
            await #expect(throws: ProfileListError.foreignToken) {
                try await other.next(token, .person, environmentID: 1, keyID: 7)
            }
        }
    }

    @Test func whoComesLaterIsInNoScroll() async throws {
        var log = EventLog()
        for number in 0..<4 { try await log.commit([EventLog.identify("u\(number)")], to: projection) }
        let page = try await lists.first(ProfileQuery(.person, pageSize: 3), environmentID: 1, keyID: 7)
        #expect(page.persons.map(\.userID) == ["u0", "u1", "u2"] && page.totalCount == 4)
        // Not even one who takes the place of the last.
        let none = try await log.later([], to: projection)
        #expect(try await people.delete(users: ["u3"], environmentID: 1, keeping: none))
        try await log.commit([EventLog.identify("u4")], to: projection)
        let token = try #require(page.next)
        let last = try await lists.next(token, .person, environmentID: 1, keyID: 7)
        #expect(last.persons == [] && last.next == nil && last.totalCount == 4)
    }

    @Test func anOrderIsKeptForAnHourAfterItsLastUse() async throws {
        var log = EventLog()
        try await log.commit((0..<6).map { EventLog.identify("u\($0)", ["age": .integer($0)]) }, to: projection)
        let query = try ProfileQuery(.person, sort: [.init(Self.age)], pageSize: 1)
        var token = try #require(try await lists.first(query, environmentID: 1, keyID: 7).next)
        for _ in 0..<3 {
            clock.advance(seconds: 3_000)
            token = try #require(try await lists.next(token, .person, environmentID: 1, keyID: 7).next)
        }
        clock.advance(seconds: 3_601)
        await #expect(throws: ProfileListError.expired) {
            try await lists.next(token, .person, environmentID: 1, keyID: 7)
        }
    }

    @Test func valuesAreTakenForWhatTheAttributeIs() async throws {
        var log = EventLog()
        let profiles: [(String, JSONValue)] = [
            ("a", ["age": 50, "name": "Ann", "at": "2026-01-02T03:04:05Z", "on": true, "keys": ["X-1", "Y"]]),
            ("b", ["age": "50.0", "name": "BOB", "at": 1_767_323_045_000, "on": "TRUE", "keys": "x-1"]),
            ("c", ["age": 9_007_199_254_740_993, "name": "Émile", "at": "1767323046000", "on": 1]),
            ("d", ["age": nil, "name": 12, "at": "soon", "on": false, "keys": [["X-1"], nil]]),
            ("e", ["location": ["city": "Zürich"], "name": "a;b=c"]),
        ]
        try await log.commit(profiles.map { EventLog.identify($0.0, $0.1, company: "Acme") }, to: projection)
        let (at, on, keys) = (Self.property(.time, "at"), Self.property(.boolean, "on"), Self.property(.list, "keys"))
        func term(
            _ attribute: ProfileAttribute, _ comparison: ProfileComparison, _ operand: String
        ) throws -> ProfileTerm {
            try ProfileTerm(attribute, comparison, operand)
        }
        #expect(try await find(term(Self.age, .equal, "5e1")) == ["a", "b"])
        #expect(try await find(term(Self.age, .greater, "9007199254740992")) == ["c"])
        #expect(try await find(term(Self.age, .equal, "9007199254740992")) == [])
        #expect(try await find(term(Self.age, .atMost, "-0")) == ["d", "e"])
        #expect(try await find(term(Self.name, .equal, "ann")) == ["a"])
        #expect(try await find(term(Self.name, .like, "?ob")) == ["b"])
        #expect(try await find(term(Self.name, .like, "é*E")) == ["c"])
        #expect(try await find(term(Self.name, .like, "?mile")) == ["c"])
        #expect(try await find(term(Self.name, .unlike, "*a*")) == ["b", "c", "d"])
        #expect(try await find(term(Self.name, .equal, "12")) == ["d"])
        #expect(try await find(term(Self.name, .equal, "A;B=C")) == ["e"])
        #expect(try await find(term(Self.name, .greater, "b")) == ["b", "c"])
        #expect(try await find(term(at, .equal, "2026-01-02T03:04:05Z")) == ["a", "b"])
        #expect(try await find(term(at, .greater, "1767323045000")) == ["c"])
        #expect(try await find(term(at, .less, "2026-01-02")) == ["d", "e"])
        #expect(try await find(term(on, .equal, "true")) == ["a", "b"])
        #expect(try await find(term(on, .unequal, "TRUE")) == ["c", "d", "e"])
        #expect(try await find(term(keys, .equal, "x-1")) == ["a", "b"])
        #expect(try await find(term(keys, .unequal, "y")) == ["b", "c", "d", "e"])
        #expect(try await find(term(keys, .like, "?")) == ["a"])
        #expect(try await find(term(Self.property(.text, "location", "city"), .equal, "ZÜRICH")) == ["e"])
        let either = ProfileAttribute(.text, .property(path: ["nickname"]), .property(path: ["name"]), .id)
        #expect(try await find(term(either, .like, "b*")) == ["b"])
        #expect(try await find(term(ProfileAttribute(.text, .company), .equal, "acme")).count == 5)
        #expect(try await find(term(ProfileAttribute(.number, .visitCount), .equal, "0")).count == 5)
        #expect(
            try await all(
                ProfileQuery(
                    .person, where: [[term(Self.name, .equal, "bob")], [term(Self.age, .equal, "50")], []], pageSize: 9)
            ).count == 5)
        #expect(
            try await all(ProfileQuery(.company, where: [[term(Self.id, .equal, "acme")]], pageSize: 9)) == ["Acme"])
    }

    @Test func whatIsNoValueOrComparisonIsRefused() {
        let cases: [(ProfileAttribute, ProfileComparison, String, ProfileTermError)] = [
            (Self.age, .equal, "many", .noNumber), (Self.age, .like, "1*", .impossible(.like, .number)),
            (Self.property(.time, "at"), .less, "yesterday", .noTime),
            (Self.property(.boolean, "on"), .equal, "1", .noBoolean),
            (Self.property(.boolean, "on"), .less, "true", .impossible(.less, .boolean)),
            (Self.property(.list, "keys"), .atLeast, "x", .impossible(.atLeast, .list)),
            (Self.name, .equal, String(repeating: "x", count: 5_000), .tooLong),
        ]
        for (attribute, comparison, operand, error) in cases {
            #expect(throws: error) { try ProfileTerm(attribute, comparison, operand) }
            #expect(!error.description.isEmpty)
        }
        #expect(throws: ProfileListError.pageSize) { try ProfileQuery(.person, pageSize: 0) }
        #expect(throws: ProfileListError.tooManySortKeys) {
            try ProfileQuery(.person, sort: Array(repeating: .init(Self.age), count: 9), pageSize: 1)
        }
    }

    /// The list against what anybody would make of the profiles, while they change.
    @Test(arguments: 1...8) func pagesAreWhatSortingEverybodyGives(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        var log = EventLog()
        func event(_ user: Int) -> EventLog.Event {
            let age: JSONValue = [1, 2, 3, 2.5, "2", nil, -7].randomElement(using: &random) ?? nil
            let name: JSONValue =
                ["ann", "Ann", "bob", "", "émile", "longer than eight", "longer than nine"]
                .randomElement(using: &random) ?? ""
            return EventLog.identify(
                "u\(user)", ["age": age, "name": name, "n": .integer(Int64(user))],
                environmentID: Int.random(in: 0..<5, using: &random) == 0 ? 2 : 1)
        }
        try await log.commit((0..<60).map { _ in event(Int.random(in: 0..<50, using: &random)) }, to: projection)
        for round in 0..<6 {
            let known = try await people.persons(environmentID: 1, limit: 1_000)
            let order = try await temporary.store.read {
                try $0.values(String.self, sql: "SELECT user_id FROM persons WHERE environment_id = 1 ORDER BY id")
            }
            let terms = try [ProfileTerm(Self.age, .atLeast, "2"), ProfileTerm(Self.name, .unlike, "*n")]
            let sort: [ProfileQuery.SortKey] = [
                .init(Self.name, isDescending: Bool.random(using: &random)),
                .init(Self.age, isDescending: Bool.random(using: &random)),
            ]
            let query = try ProfileQuery(
                .person, where: Bool.random(using: &random) ? [terms] : [], sort: sort,
                pageSize: Int.random(in: 1...9, using: &random))
            let expected = Self.naive(known, order, query, sort)
            var page = try await lists.first(query, environmentID: 1, keyID: 7)
            #expect(page.totalCount == expected.count)
            var (shown, gone) = (page.persons.map(\.userID), Set<ClientText>())
            while let token = page.next {
                // Others write meanwhile: values change, users come and go.
                try await log.commit(
                    (0..<3).map { _ in event(Int.random(in: 0..<(60 + round), using: &random)) }, to: projection)
                if Int.random(in: 0..<3, using: &random) == 0 {
                    let none = try await log.later([], to: projection)
                    let user = "u\(Int.random(in: 0..<50, using: &random))"
                    #expect(try await people.delete(users: [user], environmentID: 1, keeping: none))
                    gone.insert(ClientText(user))
                }
                page = try await lists.next(token, .person, environmentID: 1, keyID: 7)
                shown += page.persons.map(\.userID)
            }
            let (seen, kept) = (Set(shown.map { ClientText($0) }), expected.filter { !gone.contains(ClientText($0)) })
            #expect(seen.count == shown.count)
            #expect(shown.filter { !gone.contains(ClientText($0)) } == kept)
        }
    }

    @Test func whatAPageTakesIsReservedBeforeItIsMade() async throws {
        struct Full: Error {}
        var log = EventLog()
        let text = JSONValue.string(String(repeating: "x", count: 60_000))
        let large = JSONValue.object(JSONObject((0..<5).map { ("t\($0)", text) }))
        try await log.commit(
            ["a", "b", "c"].map { EventLog.identify($0, large) } + [EventLog.identify("d", environmentID: 2)],
            to: projection)
        for sort in [[], [ProfileQuery.SortKey(Self.id, isDescending: true)]] {
            let query = try ProfileQuery(.person, sort: sort, pageSize: 10)
            let made = Mutex<[String]>([])
            let reserved = Mutex<[Int]>([])
            @Sendable func page(_ environmentID: Int64, _ error: Full? = nil) async throws -> ProfilePage<Int> {
                let use = ProfileUse { (profile: ListedProfile) -> Int in
                    made.withLock { if case .person(let person) = profile { $0.append(person.userID) } }
                    return made.withLock { $0.count }
                } reserving: { bytes in
                    reserved.withLock { $0.append(bytes) }
                    if let error { throw error }
                }
                return try await lists.first(query, environmentID: environmentID, keyID: 7, use)
            }
            #expect(try await page(1).entries.count == 3)
            // Once, though a small page was tried first.
            #expect(reserved.withLock { $0.count == 1 && $0[0] > 3 * 300_000 })
            #expect(made.withLock { Set($0) } == ["a", "b", "c"])
            await #expect(throws: Full.self) { try await page(1, Full()) }
            #expect(made.withLock { $0.count } == 3)
            #expect(try await page(2).entries == [4])
        }
    }

    @Test func aPageHasALimitOfValues() async throws {
        var log = EventLog()
        let many = JSONValue.array([JSONValue](repeating: 1, count: 49_000))
        for number in 0..<21 { try await log.commit([EventLog.identify("u\(number)", ["a": many])], to: projection) }
        for sort in [[], [ProfileQuery.SortKey(Self.id)]] {
            func first(_ size: Int) async throws -> Int {
                let query = try ProfileQuery(.person, sort: sort, pageSize: size)
                return try await lists.first(query, environmentID: 1, keyID: 7).count
            }
            #expect(try await first(20) == 20)
            await #expect(throws: ProfileListError.pageTooLarge) { try await first(21) }
        }
    }

    @Test func longNumeralsCountToTheMemoryOfLists() async throws {
        var log = EventLog()
        for number in 0..<30 {
            let numeral = JSONValue.string("\(number)" + String(repeating: "7", count: 60_000))
            try await log.commit([EventLog.identify("u\(number)", ["age": numeral])], to: projection)
        }
        let query = try ProfileQuery(.person, sort: [.init(Self.age)], pageSize: 10)
        let small = try Self.lists(temporary, clock, memory: 1_000_000)
        await #expect(throws: ProfileListError.tooLarge) { try await small.first(query, environmentID: 1, keyID: 7) }
        #expect(try await lists.first(query, environmentID: 1, keyID: 7).count == 10)
    }

    private static func naive(
        _ persons: [Person], _ order: [String], _ query: ProfileQuery, _ sort: [ProfileQuery.SortKey]
    ) -> [String] {
        struct Known {
            let id: String
            let number: Int
            let name: String
            let age: Double
        }
        let all = persons.map { person in
            let age = person.properties["age"]
            return Known(
                id: person.userID, number: order.firstIndex(of: person.userID) ?? 0,
                name: (person.properties["name"]?.string ?? "").lowercased(),
                age: age?.double ?? age?.string.flatMap(Double.init) ?? 0)
        }
        let found = query.alternatives.isEmpty ? all : all.filter { $0.age >= 2 && !$0.name.hasSuffix("n") }
        return found.sorted { one, other in
            let (first, second) = (Array(one.name.utf8), Array(other.name.utf8))
            if first != second { return first.lexicographicallyPrecedes(second) != sort[0].isDescending }
            if one.age != other.age { return (one.age < other.age) != sort[1].isDescending }
            return one.number < other.number
        }.map(\.id)
    }
}
