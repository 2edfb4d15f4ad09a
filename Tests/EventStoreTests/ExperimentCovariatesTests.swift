import TestSupport
import Testing
import Time

@testable import EventStore

/// Sums over pairs of what visitors did before and after their first view, against the same made in plain Swift.
@Suite struct ExperimentCovariatesTests {
    private let log: Log

    init() throws { log = try Log() }

    private static let day: Int64 = 86_400

    private func event(
        _ visitor: String, _ kind: ExperimentEvent.Kind, at second: Int64, revenue: Double? = nil,
        products: Int64? = nil, experiences: [Int64] = [], goal: Int64 = 7, project: Int64 = 1
    ) -> ExperimentEvent {
        let time = HandClock.start.adding(seconds: second)
        return ExperimentEvent(
            id: EventIdentifier(value: UInt128.random(in: 1...UInt128(UInt64.max))), environmentID: 1,
            projectID: project, kind: kind, occurredAt: time, receivedAt: time, visitorID: visitor,
            assignments: experiences.map { .init(experienceID: $0, variationID: 1) },
            goalID: kind == .viewExperience ? nil : goal, revenue: revenue, productsCount: products, segments: .init())
    }

    private func covariates(
        days: Int = 7, _ change: (inout ExperimentQuery) -> Void = { _ in }
    ) async throws -> ExperimentCovariates {
        var query = ExperimentQuery(projectID: 1, experienceID: 5, variationIDs: [1, 2], goalIDs: [7, 8])
        change(&query)
        return try await log.store.covariates(query, days: days)
    }

    private func goal(_ found: ExperimentCovariates, _ amount: CountedAmount) -> ExperimentCovariates.Goal? {
        found.goals.first { $0.amount == amount && $0.goalID == 7 }
    }

    @Test func nothingIsNothing() async throws {
        #expect(try await covariates() == ExperimentCovariates())
    }

    @Test func whatIsBeforeCountsOnceWhicheverExperienceItWasFor() async throws {
        let start = 10 * Self.day
        try await log.store.append([
            event("a", .transaction, at: start - 1, revenue: 3, products: 2, experiences: [6, 8]),
            event("a", .viewExperience, at: start, experiences: [5]),
            event("a", .transaction, at: start + 1, revenue: 5, products: 4, experiences: [5, 6]),
            // Too early, of another project, of another goal, of nobody who saw it.
            event("a", .transaction, at: start - 7 * Self.day - 1, revenue: 100, experiences: [6]),
            event("a", .transaction, at: start - 1, revenue: 100, project: 2),
            event("a", .transaction, at: start - 1, revenue: 100, goal: 9),
            event("b", .transaction, at: start - 1, revenue: 100),
            event("c", .viewExperience, at: start, experiences: [5]),
            event("c", .conversion, at: start - 7 * Self.day),
        ])
        let found = try await covariates()
        #expect(found.visitors == [1: 2])
        let revenue = try #require(goal(found, .revenue))
        #expect(revenue.before == AmountSums([3_000_000]) && revenue.outcome == AmountSums([5_000_000]))
        #expect(revenue.products.sum == 15_000_000_000_000 && revenue.visitorsBefore == 1)
        #expect(try #require(goal(found, .products)).products.sum == 8)
        let conversions = try #require(goal(found, .conversions))
        #expect(conversions.before == AmountSums([1, 1]) && conversions.outcome == AmountSums([1]))
        #expect(conversions.products.sum == 1 && conversions.visitorsBefore == 2)
        let longer = try await covariates(days: 8)
        #expect(try #require(goal(longer, .revenue)).before == AmountSums([103_000_000]))
    }

    @Test func enormousAndNegativeAmountsStayExact() async throws {
        let greatest: Int64 = 1_000_000_000_000_000_000
        for (name, before, after) in [("a", -1e300, 1e300), ("b", -1e300, -1e300), ("c", -2.5, 1e300)] {
            try await log.store.append([
                event(name, .transaction, at: 1, revenue: before),
                event(name, .viewExperience, at: 2, experiences: [5]),
                event(name, .transaction, at: 3, revenue: after, experiences: [5]),
            ])
        }
        let found = try #require(goal(try await covariates(), .revenue))
        #expect(found.outcome == AmountSums([greatest, -greatest, greatest]))
        let wide = Int128(greatest)
        #expect(found.products.sum == -wide * wide + wide * wide - 2_500_000 * wide)
    }

    @Test(arguments: 0..<6) func drawnHistoriesAreAddedUpAsPlainSwiftDoes(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        var events: [ExperimentEvent] = []
        var expected: [CountedAmount: (before: [Int64], outcome: [Int64])] = [:]
        for visitor in 0..<60 {
            let seen = Int64.random(in: 8...9, using: &random) * Self.day
            events.append(event("v\(visitor)", .viewExperience, at: seen, experiences: [5]))
            var sums: [CountedAmount: (before: Int64, outcome: Int64)] = [:]
            for _ in 0..<Int.random(in: 0...5, using: &random) {
                let isBefore = Bool.random(using: &random)
                let distance = Int64.random(in: 1...(6 * Self.day), using: &random)
                let amount = Int64.random(in: -4_000_000_000...4_000_000_000_000, using: &random)
                let products = Int64.random(in: 0...9, using: &random)
                events.append(
                    event(
                        "v\(visitor)", .transaction, at: isBefore ? seen - distance : seen + distance,
                        revenue: Double(amount) / 1_000_000, products: products,
                        experiences: isBefore ? Array([6, 8].prefix(Int.random(in: 0...2, using: &random))) : [5]))
                for (kind, value) in [(.conversions, 1), (.revenue, amount), (.products, products)]
                    as [(CountedAmount, Int64)]
                {
                    let both = sums[kind] ?? (0, 0)
                    let isOnce = kind == .conversions
                    sums[kind] =
                        isBefore
                        ? (isOnce ? 1 : both.before + value, both.outcome)
                        : (both.before, isOnce ? 1 : both.outcome + value)
                }
            }
            for (kind, both) in sums {
                expected[kind, default: ([], [])].before.append(both.before)
                expected[kind, default: ([], [])].outcome.append(both.outcome)
            }
        }
        try await log.store.append(events.shuffled(using: &random))
        let found = try await covariates()
        for (kind, both) in expected {
            let own = try #require(goal(found, kind))
            #expect(own.before == AmountSums(both.before) && own.outcome == AmountSums(both.outcome))
            #expect(own.products.sum == zip(both.before, both.outcome).reduce(0) { $0 + Int128($1.0) * Int128($1.1) })
            #expect(own.visitorsBefore == both.before.count { $0 != 0 })
        }
        // Bounds that nothing is beyond change nothing.
        #expect(try await covariates { $0.revenueBounds = .values(least: -1e9, most: 1e9) } == found)
    }

    @Test(arguments: [AmountBounds.values(least: nil, most: 10), .percentiles(least: nil, most: 50)])
    func ordersBeforeAreBroughtToTheBoundsOfThoseAfter(bounds: AmountBounds) async throws {
        for (name, before, after) in [("a", 4.0, 10.0), ("b", 90, 10), ("c", 30, 50)] {
            try await log.store.append([
                event(name, .transaction, at: 1, revenue: before),
                event(name, .viewExperience, at: 2, experiences: [5]),
                event(name, .transaction, at: 3, revenue: after, experiences: [5]),
            ])
        }
        let found = try #require(goal(try await covariates { $0.revenueBounds = bounds }, .revenue))
        #expect(found.before == AmountSums([4_000_000, 10_000_000, 10_000_000]))
        #expect(found.outcome == AmountSums([10_000_000, 10_000_000, 10_000_000]))
    }
}
