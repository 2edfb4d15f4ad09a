import ControlStore
import EventStore
import StoreTestSupport
import Testing
import Time

@testable import Features

struct FeatureProjectionTests {
    let temporary: TemporaryStore
    let features: FeatureStore
    let projection: FeatureProjection
    var log = EventLog()

    init() async throws {
        temporary = try TemporaryStore()
        features = FeatureStore(
            store: temporary.store, matcher: try await FeatureMatcher(store: temporary.store),
            clock: WallClock { Timestamp(seconds: 7) })
        projection = FeatureProjection(store: temporary.store)
    }

    private static func use(_ tag: String, _ user: String?, environmentID: Int64 = 1) -> EventLog.Event {
        EventLog.Event(type: .trackFeature, user: user, name: tag, environmentID: environmentID)
    }

    private func counts(environmentID: Int64 = 1) async throws -> [String: [Int]] {
        let (found, _) = try await features.page(environmentID: environmentID, limit: 100)
        return found.reduce(into: [:]) { $0[$1.tag] = [$1.eventCount, $1.userCount] }
    }

    @Test mutating func countsUsesAndUsers() async throws {
        try await log.commit(
            [Self.use("a", "ann"), Self.use("a", "ann"), Self.use("a", "bob"), Self.use("b", nil)], to: projection)
        try await log.commit([Self.use("a", "bob"), Self.use("a", "eve", environmentID: 2)], to: projection)
        #expect(try await counts() == ["a": [4, 2], "b": [1, 0]])
        #expect(try await counts(environmentID: 2) == ["a": [1, 1]])
    }

    /// In any order of uses and removals the counts are those of the users who are left.
    @Test mutating func removalsTakeOffWhatTheirUsersDid() async throws {
        var expected: [String: [String: Int]] = [:]
        for round in 0..<40 {
            let uses = (0..<10).map { _ in ("f\(Int.random(in: 0..<3))", "u\(Int.random(in: 0..<5))") }
            for (tag, user) in uses { expected[tag, default: [:]][user, default: 0] += 1 }
            try await log.commit(uses.map { Self.use($0.0, $0.1) }, to: projection)
            if round % 4 == 3 {
                let gone = "u\(Int.random(in: 0..<5))"
                for tag in expected.keys { expected[tag]?[gone] = nil }
                let none = try await log.later([], to: projection)
                #expect(try await features.remove(users: [gone, "nobody"], environmentID: 1, keeping: none))
            }
            let wanted = expected.mapValues { [$0.values.reduce(0, +), $0.count] }
            #expect(try await counts() == wanted)
        }
    }

    @Test mutating func whatWasDoneAfterARemovalWasAskedForStays() async throws {
        try await log.commit([Self.use("a", "ann"), Self.use("a", "bob"), Self.use("b", "ann")], to: projection)
        let later = try await log.later([Self.use("a", "ann"), Self.use("c", "ann")], to: projection)
        try await log.commit([Self.use("a", "eve")], to: projection)
        // The counts know of more.
        #expect(try await !features.remove(users: ["ann"], environmentID: 1, keeping: later))
        #expect(try await counts() == ["a": [4, 3], "b": [1, 1], "c": [1, 1]])
        let read = later.events(upTo: .end)
        let all = SubjectEvents(batch: read.batch, identifiers: read.identifiers, end: .end)
        #expect(try await features.remove(users: ["ann"], environmentID: 1, keeping: all))
        #expect(try await counts() == ["a": [3, 3], "b": [0, 0], "c": [1, 1]])
    }

    @Test mutating func oneThatCannotBeReadEndsNoList() async throws {
        for tag in ["a", "b", "c", "d"] { try await log.commit([Self.use(tag, "ann")], to: projection) }
        try await temporary.store.write { database in
            try database.execute(sql: "UPDATE tracked_features SET elements = '{' WHERE tag IN ('a', 'c')")
        }
        let scrolled = try await features.page(environmentID: 1, limit: 2).features
        #expect(scrolled.map(\.tag) == ["b", "d"])
        // Pages by number hold what stands at these places.
        let numbered = try await features.page(environmentID: 1, offset: 2, limit: 2).features
        #expect(numbered.map(\.tag) == ["d"])
    }

    @Test func anEnvironmentThatIsNoMoreLearnsNothing() async throws {
        var log = EventLog()
        try await log.commit([Self.use("a", "ann", environmentID: 99)], to: projection)
        #expect(try await counts(environmentID: 99).isEmpty)
        try await log.commit([Self.use("a", "ann")], to: projection)
        try await features.deleteAll(environmentID: 1)
        #expect(try await counts() == ["a": [0, 0]])
    }
}
