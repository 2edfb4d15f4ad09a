import JSON
import Testing

@testable import Statistics

@Suite struct SampleTests {
    /// A mean of these has no exact number, and all of the variance is beyond its last digits.
    @Test func visitorsWhoHardlyDiffer() throws {
        let sample = MeanSample(count: 3, sum: 150_001, sumOfSquares: 7_500_100_001)
        #expect(isNear(try #require(sample.variance), 1.0 / 3, 1e-15))
        let ratio = RatioSample(numerator: sample, denominator: sample, sumOfProducts: 7_500_100_001)
        #expect(isNear(try #require(ratio.covariance), 1.0 / 3, 1e-15))
    }

    @Test func sumsKeepSmallAmountsBesideLargeOnes() {
        var sum = ExactSum()
        sum.add(1e16)
        for _ in 0..<1_000 { sum.add(1) }
        sum.add(-1e16)
        #expect(sum.value == 1_000)
        var (first, second) = (ExactSum(), ExactSum())
        first.add(1e20)
        first.add(3)
        second.add(-1e20)
        first += second
        #expect(first.value == 3)
    }

    @Test func variancesOfAmountsThatHardlyDiffer() throws {
        // A billion and one more or less: the squares agree in all but their last digits.
        var (sum, squares) = (ExactSum(), ExactSum())
        for number in 0..<1_000 {
            let amount = 1e6 + (number % 2 == 0 ? 1.0 : -1)
            sum.add(amount)
            squares.addSquare(of: amount)
        }
        let sample = MeanSample(count: 1_000, sum: sum.value, sumOfSquares: squares.value)
        #expect(isNear(try #require(sample.variance), 1_000 / 999, 1e-6))
        #expect(MeanSample(count: 1, sum: 3, sumOfSquares: 9).variance == nil)
        #expect(MeanSample(count: 0, sum: 0, sumOfSquares: 0).mean == nil)
    }

    @Test func ratios() throws {
        // Orders 1, 2, 3, 4 of 10 each: the ratio does not vary at all.
        let sample = RatioSample(
            numerator: MeanSample(count: 4, sum: 100, sumOfSquares: 3_000),
            denominator: MeanSample(count: 4, sum: 10, sumOfSquares: 30), sumOfProducts: 300)
        #expect(sample.mean == 10)
        #expect(isNear(1 + (try #require(sample.variance)), 1))
        let none = MeanSample(count: 4, sum: 0, sumOfSquares: 0)
        let empty = RatioSample(numerator: none, denominator: none, sumOfProducts: 0)
        #expect(empty.mean == nil && empty.variance == nil)
    }

    @Test func mismatchesOfShares() throws {
        for row in try Golden.rows("mismatches") {
            let variations = zip(try row.numbers("weights"), try row.numbers("observed")).map {
                (weight: $0, visitors: Int64($1))
            }
            let found = try #require(SampleRatioMismatch([.init(variations)]))
            #expect(isNear(found.statistic, try row.number("statistic")))
            #expect(isNear(found.pValue, try row.number("p")))
        }
    }

    @Test func weightsThatChangeAreComparedEachInTheirTime() throws {
        let first = SampleRatioMismatch.Period([(weight: 50, visitors: 500), (weight: 50, visitors: 500)])
        let second = SampleRatioMismatch.Period([(weight: 90, visitors: 900), (weight: 10, visitors: 100)])
        let found = try #require(SampleRatioMismatch([first, second]))
        #expect(found.statistic == 0 && found.pValue == 1 && found.degreesOfFreedom == 2)
        // Taken as one, they would be far off either weight.
        let one = SampleRatioMismatch.Period([(weight: 90, visitors: 1_400), (weight: 10, visitors: 600)])
        #expect(try #require(SampleRatioMismatch([one])).pValue < 1e-50)
    }

    @Test func variationsWithoutWeight() throws {
        let period = SampleRatioMismatch.Period([
            (weight: 50, visitors: 500), (weight: 50, visitors: 500), (weight: 0, visitors: 7),
        ])
        #expect(SampleRatioMismatch.leaked([period, period]) == 14)
        #expect(try #require(SampleRatioMismatch([period])).degreesOfFreedom == 1)
        #expect(SampleRatioMismatch([.init([(weight: 100, visitors: 5)])]) == nil)
        #expect(SampleRatioMismatch([.init([(weight: 50, visitors: 0), (weight: 50, visitors: 0)])]) == nil)
        #expect(SampleRatioMismatch([]) == nil)
    }

    @Test func outliersAreBroughtIntoTheRange() {
        let cap = OutlierCap(percentilesOf: [1, 2, 3, 4, 100], lower: 25, upper: 75)
        #expect(cap == OutlierCap(lower: 2, upper: 4))
        #expect(cap.capped(100) == 4 && cap.capped(0) == 2 && cap.capped(3) == 3)
        #expect(OutlierCap(percentilesOf: [10, 20], lower: nil, upper: 50) == OutlierCap(upper: 15))
        #expect(OutlierCap(percentilesOf: [1, 2], lower: .nan, upper: .infinity) == OutlierCap())
        #expect(OutlierCap(percentilesOf: [], lower: 1, upper: 99).capped(7) == 7)
    }
}
