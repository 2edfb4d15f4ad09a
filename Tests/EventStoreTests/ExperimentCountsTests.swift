import TestSupport
import Testing
import Time

@testable import EventStore

@Suite struct ExperimentCountsTests {
    private let log: Log

    init() throws { log = try Log() }

    /// An event of experience 5 at a second.
    private func event(
        _ visitor: String, _ kind: ExperimentEvent.Kind = .viewExperience, at second: Int64, variation: Int64 = 1,
        goal: Int64 = 7, revenue: Double? = nil, products: Int64? = nil, segments: ReportingSegments = .init(),
        experience: Int64 = 5, project: Int64 = 1
    ) -> ExperimentEvent {
        let time = HandClock.start.adding(seconds: second)
        return ExperimentEvent(
            id: EventIdentifier(value: UInt128.random(in: 1...UInt128(UInt64.max))), environmentID: 1,
            projectID: project, kind: kind, occurredAt: time, receivedAt: time, visitorID: visitor,
            assignments: [.init(experienceID: experience, variationID: variation)],
            goalID: kind == .viewExperience ? nil : goal, revenue: revenue, productsCount: products,
            segments: segments)
    }

    private func counts(_ change: (inout ExperimentQuery) -> Void = { _ in }) async throws -> ExperimentCounts {
        var query = ExperimentQuery(projectID: 1, experienceID: 5, variationIDs: [1, 2], goalIDs: [7, 8])
        change(&query)
        return try await log.store.counts(query)
    }

    private func visitors(_ counts: ExperimentCounts) -> [Int64: Int64] {
        counts.visitors.reduce(into: [:]) { $0[$1.variationID, default: 0] += $1.count }
    }

    @Test func nothingIsNothing() async throws {
        let counts = try await counts()
        #expect(counts == ExperimentCounts())
        let none = try await self.counts {
            $0.variationIDs = []
            $0.goalIDs = []
        }
        #expect(none == ExperimentCounts())
    }

    @Test func visitorsOfSeveralVariationsAreLeftOutAndCounted() async throws {
        try await log.store.append([
            event("a", at: 1), event("a", at: 5), event("b", at: 1), event("b", at: 2, variation: 2),
            event("c", at: 3, variation: 2), event("d", at: 3, variation: 3), event("e", at: 1, variation: 3),
            event("e", at: 2), event("b", .conversion, at: 9), event("z", at: 1, experience: 6),
            event("y", at: 1, project: 2),
        ])
        let counts = try await counts()
        // Who saw a variation that is gone and one that is there saw two.
        #expect(counts.excluded == 2)
        #expect(visitors(counts) == [1: 1, 2: 1])
        #expect(counts.goals.isEmpty)
        // Before they saw the second one they had seen one only.
        let early = try await self.counts { $0.end = HandClock.start.adding(seconds: 2) }
        #expect(early.excluded == 0)
        #expect(visitors(early) == [1: 2])
    }

    @Test func conversionsCountFromTheFirstViewOnAndOnceAVisitor() async throws {
        try await log.store.append([
            event("a", .conversion, at: 1), event("a", at: 2), event("a", at: 8),
            event("b", .conversion, at: 2), event("b", at: 2, variation: 2), event("b", .conversion, at: 4),
            event("c", .conversion, at: 4), event("d", at: 1), event("d", .conversion, at: 3, goal: 9),
        ])
        let counts = try await counts()
        #expect(visitors(counts) == [1: 2, 2: 1])
        #expect(counts.goals.map(\.variationID) == [2] && counts.goals.map(\.converters) == [1])
        #expect(counts.goals.map(\.orders) == [0])
    }

    @Test func purchasesAreTheSameHoweverTheyAreSent() async throws {
        // A conversion and its data, in either order, with or without a conversion of its own, repeated or not.
        try await log.store.append([
            event("a", at: 1), event("a", .conversion, at: 2),
            event("a", .transaction, at: 3, revenue: 10.1, products: 2),
            event("b", at: 1, variation: 2), event("b", .transaction, at: 2, revenue: 10.1, products: 2),
            event("b", .conversion, at: 3), event("b", .conversion, at: 4),
        ])
        let goals = try await counts().goals
        #expect(goals.map(\.variationID) == [1, 2])
        for goal in goals {
            #expect(goal.converters == 1 && goal.orders == 1)
            #expect(goal.revenue == AmountSums([10_100_000]) && goal.products == AmountSums([2]))
        }
    }

    @Test func amountsAreAddedByVisitorAndExactly() async throws {
        var events = (0..<200).map { event("v\($0)", at: 1) }
        var expected: [Int64] = []
        for visitor in 0..<100 {
            let (first, second) = (Double(visitor) + 0.1, 1e9 + 0.2)
            events.append(event("v\(visitor)", .transaction, at: 2, revenue: first))
            events.append(event("v\(visitor)", .transaction, at: 3, revenue: second))
            expected.append(Int64(visitor) * 1_000_000 + 100_000 + 1_000_000_000_200_000)
        }
        try await log.store.append(events.shuffled())
        let goal = try #require(try await counts().goals.first)
        #expect(goal.converters == 100 && goal.orders == 200)
        #expect(goal.revenue == AmountSums(expected))
        #expect(goal.products == .zero)
    }

    @Test func enormousAndNegativeAmountsAreCutOff() async throws {
        try await log.store.append([
            event("a", at: 1), event("a", .transaction, at: 2, revenue: 1e300, products: .max),
            event("b", at: 1), event("b", .transaction, at: 2, revenue: -1e300, products: .min),
            event("b", .transaction, at: 2, revenue: -1e300, products: .min),
            event("c", at: 1), event("c", .transaction, at: 2, revenue: -5),
            event("d", at: 1), event("d", .transaction, at: 2, revenue: .nan),
        ])
        let goal = try #require(try await counts().goals.first)
        let greatest: Int64 = 1_000_000_000_000_000_000
        #expect(goal.revenue == AmountSums([greatest, -greatest, -5_000_000]))
        #expect(goal.products == AmountSums([greatest, -greatest]))
    }

    @Test func outliersAreBroughtToTheBounds() async throws {
        var events: [ExperimentEvent] = []
        for visitor in 1...10 {
            events.append(event("v\(visitor)", at: 1, variation: visitor % 2 == 0 ? 2 : 1))
            events.append(
                event("v\(visitor)", .transaction, at: 2, revenue: Double(visitor) * 10, products: Int64(visitor)))
        }
        events.append(event("v1", .transaction, at: 3, revenue: 0))
        try await log.store.append(events)
        func sums(_ change: (inout ExperimentQuery) -> Void) async throws -> [(Int128, Int128)] {
            try await counts(change).goals.map { ($0.revenue.sum / 1_000_000, $0.products.sum) }
        }
        let plain = try await sums { _ in }
        #expect(plain.map(\.0) == [250, 300] && plain.map(\.1) == [25, 30])
        let fixed = try await sums {
            $0.revenueBounds = .values(least: 15, most: 50)
            $0.productsBounds = .values(least: nil, most: 4.4)
        }
        // v1 has 10 and 0, both of which become 15.
        #expect(fixed.map(\.0) == [210, 210])
        #expect(fixed.map(\.1) == [16, 18])
        // Of 10, 20 ... 100 the median is 55 and the tenth 19, whichever variation they are of.
        let percentiles = try await sums { $0.revenueBounds = .percentiles(least: 10, most: 50) }
        #expect(percentiles.map(\.0) == [228, 225])
        let contradicting = try await sums { $0.revenueBounds = .values(least: 50, most: 20) }
        #expect(contradicting.map(\.0) == [120, 100])
    }

    @Test func segmentsAreThoseOfTheFirstView() async throws {
        var phone = ReportingSegments()
        phone.devices = ["iPhone", "all_phones"]
        phone.sources = ["search"]
        phone.customSegments = [3]
        (phone.browser, phone.country, phone.visitorType, phone.campaign) = ("safari", "PT", "new", "a'b\u{301}")
        try await log.store.append([
            event("a", at: 1, segments: phone), event("a", .conversion, at: 2), event("b", at: 1),
            event("b", at: 3, segments: phone), event("b", .conversion, at: 4, segments: phone),
        ])
        let changes: [(inout ExperimentSegments) -> Void] = [
            { $0.devices = ["desktop", "all_phones"] }, { $0.sources = ["search"] }, { $0.customSegments = [1, 3] },
            { $0.browsers = ["safari"] }, { $0.countries = ["PT", "DE"] }, { $0.visitorTypes = ["new"] },
            { $0.campaigns = ["a'b\u{301}"] },
        ]
        for change in changes {
            let counts = try await counts { change(&$0.segments) }
            #expect(visitors(counts) == [1: 1] && counts.goals.map(\.converters) == [1])
        }
        #expect(try await counts { $0.segments.campaigns = ["'); --"] } == ExperimentCounts())
        let both = try await counts {
            $0.segments.browsers = ["safari"]
            $0.segments.countries = ["DE"]
        }
        #expect(both == ExperimentCounts())
    }

    @Test func aRangeIsOfVisitorsWhoCameInIt() async throws {
        func time(_ second: Int64) -> Timestamp { HandClock.start.adding(seconds: second) }
        try await log.store.append([
            event("a", at: 10), event("a", at: 25), event("a", .conversion, at: 26), event("b", at: 20),
            event("b", .conversion, at: 21), event("c", at: 22), event("c", .conversion, at: 30),
        ])
        let counts = try await counts {
            $0.start = time(20)
            $0.end = time(30)
            $0.boundaries = [time(5), time(21)]
        }
        #expect(counts.visitors.map(\.period) == [1, 2] && counts.visitors.map(\.count) == [1, 1])
        #expect(counts.goals.map(\.converters) == [1])
    }

    @Test func daysAddUpToTheWhole() async throws {
        let day: Int64 = 86_400
        try await log.store.append([
            event("a", at: 0), event("a", .conversion, at: day), event("a", .transaction, at: day * 2, revenue: 4),
            event("b", at: day), event("b", .transaction, at: day, revenue: 3, products: 2),
        ])
        var query = ExperimentQuery(projectID: 1, experienceID: 5, variationIDs: [1], goalIDs: [7])
        query.revenueBounds = .percentiles(least: nil, most: 99)
        let days = try await log.store.days(query, offset: 0)
        #expect(days.map(\.visitors) == [1, 1, 0] && days.map(\.conversions) == [0, 2, 0])
        #expect(days.map(\.revenue) == [0, 3_000_000, 3_990_000] && days.map(\.products) == [0, 2, 0])
        let first = HandClock.start.seconds / day
        #expect(days.map(\.key.day) == [first, first + 1, first + 2])
        // Where the day ends earlier, everything is a day later.
        let left = day - HandClock.start.seconds % day
        #expect(try await log.store.days(query, offset: left).map(\.key.day) == [first + 1, first + 2, first + 3])
    }

    @Test func bothHalvesOfTheLogAreRead() async throws {
        try await log.store.append([event("a", at: 1)])
        log.store.written.turn()
        try await log.store.append([event("a", .conversion, at: 2), event("b", at: 2, variation: 2)])
        let counts = try await counts()
        #expect(visitors(counts) == [1: 1, 2: 1] && counts.goals.map(\.converters) == [1])
    }

    @Test func theAudienceIsWhoSawIt() async throws {
        var (spring, autumn) = (ReportingSegments(), ReportingSegments())
        spring.campaign = "spring"
        spring.customSegments = [4, 3]
        autumn.campaign = "autumn"
        try await log.store.append([
            event("a", at: 1, segments: spring), event("b", at: 1, segments: autumn),
            event("b", at: 2, segments: spring),
            event("c", at: 1), event("d", .conversion, at: 1, segments: autumn),
        ])
        let audience = try await log.store.audience(projectID: 1, experienceID: 5, limit: 10)
        #expect(audience.campaigns.map(\.name) == ["spring", "autumn"])
        #expect(audience.campaigns.map(\.visitors) == [2, 1])
        #expect(audience.customSegments == [3, 4])
        #expect(try await log.store.audience(projectID: 1, experienceID: 5, limit: 1).campaigns.count == 1)
    }

    @Test func theReadableStatementRunsByItself() async throws {
        try await log.store.append([event("a", at: 1), event("a", .conversion, at: 2)])
        var query = ExperimentQuery(projectID: 1, experienceID: 5, variationIDs: [1], goalIDs: [7])
        query.segments.browsers = ["it's"]
        #expect(
            try await log.rows(EventStore.readableCounts(query, table: "lake.main.exposures").castingToText).count == 1)
        query.segments = ExperimentSegments()
        #expect(
            try await log.rows(EventStore.readableCounts(query, table: "lake.main.exposures").castingToText).count == 3)
    }
}

extension String {
    /// A statement whose cells all come as text.
    fileprivate var castingToText: String { "SELECT COLUMNS(*)::VARCHAR FROM (\(self))" }
}
