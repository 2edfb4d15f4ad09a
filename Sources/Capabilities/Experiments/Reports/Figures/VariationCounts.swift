import EventStore
import Statistics

/// What is known of a variation about a goal: all that figures are made of.
struct VariationCounts: Sendable, Equatable {
    let variationID: Int64
    let visitors: Int64
    /// Visitors who reached the goal.
    let converters: Int64
    /// Transactions.
    let orders: Int64
    let revenue: AmountSums
    let products: AmountSums

    /// - Parameter goal: nil when nobody reached it.
    init(_ variationID: Int64, visitors: Int64, _ goal: ExperimentCounts.Goal?) {
        self.variationID = variationID
        self.visitors = visitors
        converters = goal?.converters ?? 0
        orders = goal?.orders ?? 0
        revenue = goal?.revenue ?? .zero
        products = goal?.products ?? .zero
    }

    var conversions: ProportionSample { ProportionSample(count: visitors, successes: converters) }

    /// The sum over all visitors, in the amount's own unit.
    func total(_ amount: CountedAmount) -> Double {
        switch amount {
        case .conversions: Double(converters)
        case .revenue: Double(revenue.sum) / ExperimentCounts.revenueScale
        case .products: Double(products.sum)
        }
    }

    func sample(_ amount: CountedAmount) -> VisitorSample {
        switch amount {
        case .conversions: VisitorSample(conversions)
        case .revenue: VisitorSample(revenue, count: visitors, scale: ExperimentCounts.revenueScale)
        case .products: VisitorSample(products, count: visitors, scale: 1)
        }
    }

    /// The metric's value; nil when nobody can have one.
    func value(_ metric: ReportMetric) -> Double? {
        let divisor = metric.hasStatistics ? visitors : converters
        return divisor > 0 ? total(metric.amount) / Double(divisor) : nil
    }
}

/// What a test needs to know of a variation.
struct VisitorSample: Sample, Equatable {
    let count: Int64
    let mean: Double?
    let variance: Double?

    init(_ sample: some Sample) {
        count = sample.count
        mean = sample.mean
        variance = sample.variance
    }

    /// Of whole numbers, without losing a digit on the way to the variance: it is small beside the squares where visitors
    /// hardly differ.
    /// - Parameters:
    ///   - count: visitors, those who have none included.
    ///   - scale: how many of the numbers make one unit.
    init(_ sums: AmountSums, count: Int64, scale: Double) {
        self.count = count
        mean = count > 0 ? Double(sums.sum) / Double(count) / scale : nil
        guard count > 1 else {
            variance = nil
            return
        }
        let excess = Self.exactExcess(sums, count) ?? Self.roundedExcess(sums, count)
        variance = max(excess, 0) / Double(count - 1) / (scale * scale)
    }

    /// The sum of the squares of the distances from the mean, by way of a whole number next to the mean.
    /// - Returns: nil when a term is beyond 128 bits.
    private static func exactExcess(_ sums: AmountSums, _ count: Int64) -> Double? {
        guard let squares = sums.sumOfSquares else { return nil }
        let count = Int128(count)
        let (pivot, rest) = sums.sum.quotientAndRemainder(dividingBy: count)
        // The sum of (x - pivot)^2 is the squares less pivot (sum + rest), as the sum is pivot times count and the rest.
        let (product, isLost) = pivot.multipliedReportingOverflow(by: sums.sum + rest)
        if isLost { return nil }
        let (around, isDifferenceLost) = squares.subtractingReportingOverflow(product)
        if isDifferenceLost { return nil }
        return Double(around) - Double(rest) * Double(rest) / Double(count)
    }

    /// The same in twice the digits of a `Double`.
    private static func roundedExcess(_ sums: AmountSums, _ count: Int64) -> Double {
        var excess = ExactSum()
        for (part, factor) in sums.squares { excess.add(Double(part) * factor) }
        let sum = Double(sums.sum)
        excess.addProduct(of: -sum / Double(count), sum)
        return excess.value
    }
}
