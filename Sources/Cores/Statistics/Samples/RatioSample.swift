/// Two amounts for each visitor of which the ratio of the sums is of interest, such as revenue an order: what is divided by
/// differs between visitors, too.
public struct RatioSample: Sample, Equatable {
    public let numerator: MeanSample
    public let denominator: MeanSample
    /// Of the products of each visitor's two amounts.
    public let sumOfProducts: Double

    /// - Parameters:
    ///   - numerator: of the same visitors as the denominator.
    public init(numerator: MeanSample, denominator: MeanSample, sumOfProducts: Double) {
        self.numerator = numerator
        self.denominator = denominator
        self.sumOfProducts = sumOfProducts
    }

    public var count: Int64 { numerator.count }

    public var mean: Double? { denominator.sum == 0 ? nil : numerator.sum / denominator.sum }

    /// By the delta method.
    public var variance: Double? {
        guard let above = numerator.mean, let below = denominator.mean, below != 0, let ownAbove = numerator.variance,
            let ownBelow = denominator.variance, let covariance
        else { return nil }
        let squared = below * below
        let value =
            ownAbove / squared + ownBelow * above * above / (squared * squared)
            - 2 * covariance * above / (squared * below)
        return max(value, 0)
    }

    /// Of the two amounts between visitors, without bias.
    var covariance: Double? {
        guard count > 1 else { return nil }
        var excess = ExactSum()
        excess.addProduct(of: Double(count), sumOfProducts)
        excess.addProduct(of: -numerator.sum, denominator.sum)
        return excess.value / Double(count) / Double(count - 1)
    }
}
