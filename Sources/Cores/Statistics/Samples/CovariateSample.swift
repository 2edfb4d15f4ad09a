/// An amount for each visitor together with one from before the experiment, by which some of its variance is explained.
public struct CovariateSample: Sendable, Equatable {
    public let outcome: MeanSample
    /// The same visitors' amounts before they were exposed.
    public let before: MeanSample
    /// Of the products of each visitor's two amounts.
    public let sumOfProducts: Double

    /// - Parameters:
    ///   - outcome: of the same visitors as `before`.
    public init(outcome: MeanSample, before: MeanSample, sumOfProducts: Double) {
        self.outcome = outcome
        self.before = before
        self.sumOfProducts = sumOfProducts
    }

    public var count: Int64 { outcome.count }

    /// Of the two amounts between visitors, without bias.
    var covariance: Double? {
        RatioSample(numerator: outcome, denominator: before, sumOfProducts: sumOfProducts).covariance
    }
}
