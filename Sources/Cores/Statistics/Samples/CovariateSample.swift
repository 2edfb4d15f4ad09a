/// An amount for each visitor together with one from before the experiment, by which some of its variance is explained.
public struct CovariateSample<Amount: Sample>: Sendable {
    public let outcome: Amount
    /// The same visitors' amounts before they were exposed.
    public let before: Amount
    /// Of the two amounts between visitors, without bias; nil when there are too few to tell.
    public let covariance: Double?

    /// - Parameters:
    ///   - outcome: of the same visitors as `before`.
    public init(outcome: Amount, before: Amount, covariance: Double?) {
        self.outcome = outcome
        self.before = before
        self.covariance = covariance
    }

    public var count: Int64 { outcome.count }
}

extension CovariateSample where Amount == MeanSample {
    /// - Parameters:
    ///   - outcome: of the same visitors as `before`.
    ///   - sumOfProducts: of the products of each visitor's two amounts.
    public init(outcome: MeanSample, before: MeanSample, sumOfProducts: Double) {
        self.init(
            outcome: outcome, before: before,
            covariance: RatioSample(numerator: outcome, denominator: before, sumOfProducts: sumOfProducts).covariance)
    }
}
