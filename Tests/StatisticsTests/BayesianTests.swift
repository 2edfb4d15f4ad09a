import JSON
import Testing

@testable import Statistics

@Suite struct BayesianTests {
    @Test func theBestOfSeveralRates() throws {
        for row in try Golden.rows("rates") {
            let arms = try #require(row["arms"]?.array).map { arm in
                ProportionSample(count: arm[0]?.int64 ?? 0, successes: arm[1]?.int64 ?? 0)
            }
            let posteriors = arms.map { BetaDistribution($0) }
            let (chances, losses) = (BestOf.chances(posteriors), BestOf.expectedLosses(posteriors))
            #expect(zip(chances, try row.numbers("chances")).allSatisfy { isNear($0, $1, 1e-9) })
            #expect(zip(losses, try row.numbers("losses")).allSatisfy { isNear($0, $1, 1e-8) })
            #expect(isNear(chances.reduce(0, +), 1, 1e-11))
        }
    }

    @Test func twoNormalPosteriors() {
        let effect = Effect(estimate: 0.3, variance: 0.04, degreesOfFreedom: 10, count: 100)
        let posterior = NormalPosterior(effect)
        #expect(isNear(posterior.chanceAboveZero, NormalDistribution.lowerTail(1.5)))
        let arms = [NormalPosterior(mean: 0, variance: 0.02), NormalPosterior(mean: 0.3, variance: 0.02)]
        #expect(isNear(BestOf.chances(arms)[1], posterior.chanceAboveZero, 1e-10))
        #expect(isNear(BestOf.expectedLosses(arms)[1], posterior.expectedLossOfVariation, 1e-10))
        #expect(isNear(BestOf.expectedLosses(arms)[0], posterior.expectedLossOfBaseline, 1e-10))
        let interval = posterior.interval(0.95)
        #expect(isNear(interval.upper, 0.3 + 0.2 * 1.959963984540054))
        #expect(isNear(interval.lower, 0.3 - 0.2 * 1.959963984540054))
    }

    /// Both ways to write it meet where one takes over from the other, and neither loses its digits far out.
    @Test func lossesFarOut() {
        let (below, above) = (1.9999999999, 2.0000000001)
        #expect(isNear(NormalPosterior.expectedExcess(below), NormalPosterior.expectedExcess(above), 1e-8))
        // By Mills's ratio: density / z^2 * (1 - 3/z^2 + 15/z^4 - 105/z^6).
        let z = 30.0
        let expected = NormalDistribution.density(z) / (z * z) * (1 - 3 / 900 + 15 / 810_000 - 105 / 729_000_000)
        #expect(isNear(NormalPosterior.expectedExcess(z), expected, 1e-8))
    }

    @Test func priorsCount() {
        let effect = Effect(estimate: 1, variance: 1, degreesOfFreedom: 10, count: 100)
        let posterior = NormalPosterior(effect, prior: NormalPosterior(mean: 0, variance: 1))
        #expect(posterior == NormalPosterior(mean: 0.5, variance: 0.5))
    }

    @Test func bandits() throws {
        let rates = [ProportionSample(count: 1_000, successes: 100), ProportionSample(count: 1_000, successes: 130)]
        let thompson = try #require(Bandit.thompsonSampling.shares(rates))
        #expect(isNear(thompson.reduce(0, +), 1, 1e-12) && thompson[1] > 0.95 && thompson[0] >= 0.01)
        #expect(thompson == Bandit.thompsonSampling.shares(rates))
        let greedy = try #require(Bandit.epsilonGreedy(explorationRate: 0.3).shares(rates))
        #expect(isNear(greedy[1], 0.01 + 0.98 * 0.85) && isNear(greedy[0], 0.01 + 0.98 * 0.15))
        // Of equal means, the one that less is known of could be better.
        let known = [
            ProportionSample(count: 100_000, successes: 10_001), ProportionSample(count: 100, successes: 10),
        ]
        #expect(try #require(Bandit.upperConfidenceBound.shares(known))[1] > 0.9)
        #expect(Bandit.thompsonSampling.shares([rates[0], ProportionSample(count: 99, successes: 1)]) == nil)
        // Nobody of a hundred here, one of a hundred there: not much is known yet. As Beta(1, 101) and Beta(2, 100) have it.
        let early = [ProportionSample(count: 100, successes: 0), ProportionSample(count: 100, successes: 1)]
        let careful = try #require(
            Bandit.thompsonSampling.shares(early, beliefs: early.map { BetaDistribution($0) }))
        #expect(isNear((careful[1] - 0.01) / 0.98, 151.0 / 201, 1e-9))
        let amounts = [
            MeanSample(count: 100, sum: 0, sumOfSquares: 0), MeanSample(count: 100, sum: 50, sumOfSquares: 2_500),
        ]
        #expect((0.6..<0.98).contains(try #require(Bandit.thompsonSampling.shares(amounts))[1]))
        let same = [Int64(3), 3].map { MeanSample(count: 100, sum: Double($0) * 100, sumOfSquares: Double($0) * 900) }
        #expect(Bandit.thompsonSampling.shares(same) == [0.5, 0.5])
        let equal = [ProportionSample](repeating: rates[0], count: 4)
        for bandit in [Bandit.thompsonSampling, .epsilonGreedy(explorationRate: 0.1), .upperConfidenceBound] {
            #expect(bandit.shares(equal) == [0.25, 0.25, 0.25, 0.25])
        }
    }
}
