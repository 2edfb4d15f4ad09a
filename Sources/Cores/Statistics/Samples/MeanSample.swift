/// An amount for each visitor, such as revenue: those without any have 0.
public struct MeanSample: Sample, Equatable {
    public let count: Int64
    /// Of the visitors' amounts.
    public let sum: Double
    /// Of the squares of the visitors' amounts.
    public let sumOfSquares: Double

    /// - Parameters:
    ///   - count: not negative.
    ///   - sumOfSquares: not negative.
    public init(count: Int64, sum: Double, sumOfSquares: Double) {
        self.count = count
        self.sum = sum
        self.sumOfSquares = sumOfSquares
    }

    public var mean: Double? { count > 0 ? sum / Double(count) : nil }

    public var variance: Double? {
        guard count > 1 else { return nil }
        // In twice the digits, and nothing divided before: the two terms are almost equal where visitors hardly differ.
        var excess = ExactSum()
        excess.addProduct(of: Double(count), sumOfSquares)
        excess.addProduct(of: -sum, sum)
        return max(excess.value, 0) / Double(count) / Double(count - 1)
    }
}
