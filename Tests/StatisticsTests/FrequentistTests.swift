import JSON
import Testing

@testable import Statistics

@Suite struct FrequentistTests {
    private static func effect(_ row: JSONValue, _ kind: Effect.Kind = .absolute) throws -> Effect {
        let counts = try row.numbers("counts")
        let (sums, squares) = (try row.numbers("sums"), try row.numbers("squares"))
        let samples = (0..<2).map {
            MeanSample(count: Int64(counts[$0]), sum: sums[$0], sumOfSquares: squares[$0])
        }
        return try #require(Effect(kind, of: samples[1], over: samples[0]))
    }

    @Test(arguments: Alternative.allCases)
    func welch(_ alternative: Alternative) throws {
        for row in try Golden.rows("means") {
            let effect = try Self.effect(row)
            let result = FixedHorizonTest(.t, alternative, alpha: 0.05).evaluate(effect)
            let expected = try #require(row[alternative.rawValue])
            // The sums of squares lose some digits that SciPy, who has all amounts, does not.
            #expect(isNear(result.pValue, try expected.number("p"), 1e-8))
            let interval = try #require(expected["interval"]?.array)
            let scale = abs(effect.estimate) + effect.standardError
            for (value, end) in zip([result.interval.lower, result.interval.upper], interval) {
                #expect(end.double.map { abs($0 - value) <= 1e-9 * scale } ?? value.isInfinite)
            }
        }
    }

    @Test func corrections() throws {
        for row in try Golden.rows("corrections") {
            let pValues = try row.numbers("p")
            for correction in MultipleComparisons.allCases where correction != .none {
                let adjusted = correction.adjusted(pValues)
                let expected = try row.numbers(correction.rawValue)
                #expect(zip(adjusted, expected).allSatisfy { isNear($0, $1) }, "\(correction) of \(pValues)")
            }
            #expect(MultipleComparisons.none.adjusted(pValues) == pValues)
        }
        #expect(MultipleComparisons.bonferroni.alpha(0.05, comparisons: 5) == 0.01)
        #expect(isNear(MultipleComparisons.sidak.alpha(0.05, comparisons: 2), 0.025320565519103666))
        #expect(MultipleComparisons.holm.adjusted([]) == [])
    }

    @Test func relativeEffects() throws {
        let baseline = ProportionSample(count: 1_000, successes: 100)
        let effect = try #require(Effect(.relative, of: ProportionSample(count: 900, successes: 108), over: baseline))
        #expect(isNear(effect.estimate, 0.2))
        let expected = (0.12 * 0.88 / 900 + 0.1 * 0.9 / 1_000 * 1.44) / 0.01
        #expect(isNear(effect.variance, expected, 1e-12))
    }

    @Test func whatCannotBeTold() {
        let some = ProportionSample(count: 10, successes: 5)
        for other in [
            ProportionSample(count: 0, successes: 0), ProportionSample(count: 1, successes: 1),
        ] {
            #expect(Effect(.absolute, of: other, over: some) == nil && Effect(.absolute, of: some, over: other) == nil)
        }
        let none = ProportionSample(count: 10, successes: 0)
        #expect(Effect(.absolute, of: none, over: none) == nil)
        #expect(Effect(.relative, of: some, over: none) == nil)
        #expect(Effect(.absolute, of: some, over: none) != nil)
        let huge = MeanSample(count: 3, sum: 1e300, sumOfSquares: .infinity)
        #expect(Effect(.absolute, of: huge, over: some) == nil)
    }

    /// At the edge of its interval, a sequence's p-value is alpha: once against zero, once for the other side.
    @Test(arguments: Alternative.allCases, [0.01, 0.05, 0.2])
    func sequencesAgreeWithThemselves(_ alternative: Alternative, _ alpha: Double) {
        let test = SequentialTest(alternative, alpha: alpha)
        let probe = Effect(estimate: 0, variance: 0.04, degreesOfFreedom: 100, count: 3_000)
        let interval = test.evaluate(probe).interval
        let edge = alternative == .greater ? -interval.lower : interval.upper
        let sign = alternative == .less ? -1.0 : 1.0
        let effect = Effect(estimate: sign * edge, variance: 0.04, degreesOfFreedom: 100, count: 3_000)
        #expect(isNear(test.evaluate(effect).pValue, alpha, 1e-9))
        // Wider than what may be looked at once only.
        #expect(edge > FixedHorizonTest(.z, alternative, alpha: alpha).halfWidth(probe))
    }

    @Test func sequencesGoToTheEnds() {
        for alternative in Alternative.allCases {
            let test = SequentialTest(alternative, alpha: 0.05)
            for estimate in [-1e6, -1, 0, 1, 1e6] {
                let effect = Effect(estimate: estimate, variance: 1, degreesOfFreedom: 9, count: 1_000_000_000)
                #expect((0...1).contains(test.evaluate(effect).pValue))
            }
        }
    }

    @Test func power() throws {
        // Textbook: 3,839 visitors of each for 10% against 12%, at 95% and 80%, two-sided.
        let power = Power(FixedHorizonTest(.z, .twoSided, alpha: 0.05), power: 0.8)
        #expect(power.visitorsOfEach(difference: 0.02, variances: (0.09, 0.1056)) == 3_839)
        #expect(power.visitorsOfEach(difference: 0, variances: (1, 1)) == nil)
        let error = (0.09 / 3_839 + 0.1056 / 3_839).squareRoot()
        #expect(isNear(power.minimumDetectableEffect(standardError: error), 0.02, 2e-4))
        let effect = Effect(estimate: 0.02, variance: error * error, degreesOfFreedom: 7_000, count: 7_678)
        #expect(isNear(power.observed(effect), 0.8, 1e-3))
    }

    @Test(arguments: [0.1, 0.5, 0.8, 0.99], [0.01, 0.05, 0.5])
    func sequentialPower(power: Double, alpha: Double) throws {
        let test = SequentialTest(alpha: alpha)
        for difference in [1e-6, -0.02, 0.3] {
            let planned = SequentialPower(test, level: alpha, power: power)
            let each = try #require(planned.visitorsOfEach(difference: difference, variances: (0.09, 0.1056)))
            func shown(_ each: Int64) -> Double {
                let variance = (0.09 + 0.1056) / Double(each)
                return planned.observed(
                    Effect(estimate: abs(difference), variance: variance, degreesOfFreedom: 9, count: 2 * each))
            }
            // The other tail, which the plan leaves out, adds a little where the power is small.
            #expect(shown(each) >= power - 1e-9 && shown(each) < power + 0.1)
            if each > 2 { #expect(shown(each - 1) < shown(each)) }
            let fixed = Power(FixedHorizonTest(.z, .twoSided, alpha: alpha), power: power)
            #expect(each >= fixed.visitorsOfEach(difference: difference, variances: (0.09, 0.1056)) ?? .max)
        }
        let planned = SequentialPower(test, level: alpha, power: power)
        #expect(planned.visitorsOfEach(difference: 0, variances: (1, 1)) == nil)
        #expect(planned.visitorsOfEach(difference: 1e-12, variances: (1, 1)) == nil)
        #expect(planned.visitorsOfEach(difference: .infinity, variances: (1, 1)) == 2)
    }

    /// Several comparisons go by their p-values, whose sequence is the one that the whole alpha was tuned for.
    @Test func thresholdsAreWherePValuesFallBelowTheirLevel() {
        let test = SequentialTest(alpha: 0.05)
        for (count, level) in [(40, 0.05), (5_000, 0.05 / 3), (1_000_000, 0.001)] as [(Int64, Double)] {
            let edge = test.threshold(count: Double(count), level: level)
            for (score, isBelow) in [(edge * 1.000_001, true), (edge * 0.999_999, false)] {
                let effect = Effect(estimate: score, variance: 1, degreesOfFreedom: 9, count: count)
                #expect((test.evaluate(effect).pValue < level) == isBelow)
            }
        }
    }

    @Test func covariatesTakeOutWhatTheyExplain() throws {
        // Outcome 2x and 2x + 1, with x the amount before: all of the variance is explained but for what is added.
        func sample(_ shift: Double) -> CovariateSample<MeanSample> {
            var (y, yy, x, xx, xy) = (0.0, 0.0, 0.0, 0.0, 0.0)
            for number in 1...100 {
                let before = Double(number)
                let outcome = 2 * before + shift + (number % 2 == 0 ? 0.5 : -0.5)
                (y, x) = (y + outcome, x + before)
                (yy, xx, xy) = (yy + outcome * outcome, xx + before * before, xy + outcome * before)
            }
            return CovariateSample(
                outcome: MeanSample(count: 100, sum: y, sumOfSquares: yy),
                before: MeanSample(count: 100, sum: x, sumOfSquares: xx), sumOfProducts: xy)
        }
        let (baseline, variation) = (sample(0), sample(1))
        let adjustment = try #require(CovariateAdjustment([baseline, variation]))
        #expect(isNear(adjustment.coefficient, 2, 1e-3))
        #expect(adjustment.explained > 0.999 && adjustment.explained < 1)
        let plain = try #require(Effect(.absolute, of: variation.outcome, over: baseline.outcome))
        let adjusted = try #require(adjustment.effect(.absolute, of: variation, over: baseline))
        #expect(isNear(adjusted.estimate, 1, 1e-9) && adjusted.variance < plain.variance / 1_000)
        #expect(try #require(adjustment.effect(.relative, of: variation, over: baseline)).estimate > 0)
        let constant = CovariateSample(
            outcome: baseline.outcome, before: MeanSample(count: 100, sum: 100, sumOfSquares: 100), sumOfProducts: 0)
        #expect(CovariateAdjustment([constant]) == nil)
    }
}
