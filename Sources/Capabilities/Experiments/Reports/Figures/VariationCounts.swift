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
        let excess = CenteredSum.of(sums.squares, sums.sum, sums.sum, count: count)
        variance = max(excess, 0) / Double(count - 1) / (scale * scale)
    }
}
