/// Whether visitors were shared out as the weights say. If not, something is wrong with the experiment, and its figures mean
/// nothing.
public struct SampleRatioMismatch: Sendable, Equatable {
    /// A time in which the weights were the same.
    public struct Period: Sendable, Equatable {
        /// Of each variation: its weight, in any unit, and its new visitors.
        public let variations: [(weight: Double, visitors: Int64)]

        public init(_ variations: [(weight: Double, visitors: Int64)]) {
            self.variations = variations
        }

        public static func == (first: Period, second: Period) -> Bool {
            first.variations.elementsEqual(second.variations) { $0 == $1 }
        }
    }

    /// The sum of the squares of how far each variation is from what was expected, each as a part of what was expected.
    public let statistic: Double
    /// Variations that can have visitors, less one, over all periods.
    public let degreesOfFreedom: Int
    /// How likely so large a statistic would be if visitors were shared out as the weights say.
    public let pValue: Double

    /// Pearson's chi-square test, over periods with the same weights each.
    /// - Returns: nil where there is nothing to compare: no visitors, or not two variations that can have any.
    public init?(_ periods: [Period]) {
        var statistic = 0.0
        var degreesOfFreedom = 0
        for period in periods {
            let active = period.variations.filter { $0.weight > 0 }
            let weights = active.reduce(0) { $0 + $1.weight }
            let visitors = active.reduce(0) { $0 + Double($1.visitors) }
            guard active.count > 1, visitors > 0, weights.isFinite else { continue }
            for (weight, count) in active {
                let expected = weight / weights * visitors
                let distance = Double(count) - expected
                statistic += distance * distance / expected
            }
            degreesOfFreedom += active.count - 1
        }
        guard degreesOfFreedom > 0 else { return nil }
        self.statistic = statistic
        self.degreesOfFreedom = degreesOfFreedom
        pValue = ChiSquareDistribution(degreesOfFreedom: Double(degreesOfFreedom)).upperTail(statistic)
    }

    /// Visitors of variations whose weight was zero: an alarm of its own, however few they are.
    public static func leaked(_ periods: [Period]) -> Int64 {
        periods.flatMap(\.variations).filter { $0.weight <= 0 }
            .reduce(0) { $0.addingReportingOverflow($1.visitors).partialValue }
    }
}
