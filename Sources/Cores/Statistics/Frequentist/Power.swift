import Foundation

/// How many visitors a test needs, and what it can show with those it has.
public struct Power: Sendable, Equatable {
    public let test: FixedHorizonTest
    /// How likely the test is to show an effect that is there: 0.8 is common.
    public let power: Double

    /// - Parameter power: between 0 and 1, both excluded.
    public init(_ test: FixedHorizonTest, power: Double) {
        self.test = test
        self.power = power
    }

    /// Standard errors that an effect must be away from zero to be shown so often.
    private var distance: Double {
        let tail = test.alternative == .twoSided ? test.alpha / 2 : test.alpha
        return NormalDistribution.upperQuantile(tail) + NormalDistribution.quantile(power)
    }

    /// The least effect that the test shows so often, in the effect's own unit.
    public func minimumDetectableEffect(standardError: Double) -> Double { distance * standardError }

    /// Visitors of each of two variations that are needed for an effect.
    /// - Parameters:
    ///   - difference: of the means; not zero.
    ///   - variances: between visitors, of the two.
    /// - Returns: nil where no number is enough, or more than can be counted.
    public func visitorsOfEach(difference: Double, variances: (Double, Double)) -> Int64? {
        let ratio = distance / difference
        let visitors = (ratio * ratio * (variances.0 + variances.1)).rounded(.up)
        return Int64(exactly: visitors).map { max($0, 2) }
    }

    /// How likely the test would be to show an effect as large as the estimate if it were the true one. It follows from the
    /// p-value and says nothing new: no evidence for or against anything.
    public func observed(_ effect: Effect) -> Double {
        let score = effect.estimate / effect.standardError
        let tail = test.alternative == .twoSided ? test.alpha / 2 : test.alpha
        let threshold = NormalDistribution.upperQuantile(tail)
        switch test.alternative {
        case .twoSided:
            return NormalDistribution.upperTail(threshold - score) + NormalDistribution.lowerTail(-threshold - score)
        case .greater: return NormalDistribution.upperTail(threshold - score)
        case .less: return NormalDistribution.lowerTail(-threshold - score)
        }
    }
}
