import Foundation

/// How many visitors a sequential test needs, and what it can show with those it has. The number is of one look with so many
/// visitors: who has looked before has found the effect at least as often.
public struct SequentialPower: Sendable, Equatable {
    /// Two-sided.
    public let test: SequentialTest
    /// Below which a p-value counts: the test's alpha, or a part of it where there are several comparisons.
    public let level: Double
    /// How likely the test is to show an effect that is there: 0.8 is common.
    public let power: Double

    /// - Parameters:
    ///   - test: two-sided.
    ///   - level: between 0 and 1, both excluded.
    ///   - power: between 0 and 1, both excluded.
    public init(_ test: SequentialTest, level: Double, power: Double) {
        self.test = test
        self.level = level
        self.power = power
    }

    /// Visitors beyond which nobody counts.
    private static let mostVisitors = 1e18

    /// Visitors of each of two variations that are needed for an effect.
    ///
    /// The threshold follows from the number of visitors, and the number from the threshold: what lacks, at n visitors, is
    /// n difference^2 less (threshold(n) + z_power)^2 times the variances, which passes zero once.
    /// - Parameters:
    ///   - difference: of the means; not zero.
    ///   - variances: between visitors, of the two.
    /// - Returns: nil where no number is enough, or more than can be counted.
    public func visitorsOfEach(difference: Double, variances: (Double, Double)) -> Int64? {
        let unit = difference * difference / (variances.0 + variances.1)
        guard unit > 0 else { return nil }
        func isEnough(_ logarithm: Double) -> Double {
            let visitors = exp(logarithm)
            let threshold = test.threshold(count: 2 * visitors, level: level)
            let distance = max(threshold + NormalDistribution.quantile(power), 0)
            return log(visitors * unit) - 2 * log(distance)
        }
        let (least, most) = (log(2.0), log(Self.mostVisitors))
        if isEnough(least) >= 0 { return 2 }
        guard isEnough(most) > 0 else { return nil }
        let root = exp(Inversion.root(between: least, and: most, of: isEnough))
        // The root is known to a part of itself; the whole number next to it is the one.
        let below = (root * (1 - 1e-12)).rounded(.up)
        return Int64(exactly: isEnough(log(below)) >= 0 ? below : (root * (1 + 1e-12)).rounded(.up))
    }

    /// How likely the test would be to show an effect as large as the estimate if it were the true one, with as many visitors.
    public func observed(_ effect: Effect) -> Double {
        let score = effect.estimate / effect.standardError
        let threshold = test.threshold(count: Double(effect.count), level: level)
        return NormalDistribution.upperTail(threshold - score) + NormalDistribution.lowerTail(-threshold - score)
    }
}
