import EventStore
import JSON
import ProjectDocuments
import Time

/// What came out day by day, of one goal and one metric (contract schema `ExperienceDailyReport`).
///
/// Visitors count on the day of their first view, conversions on the day on which the goal was reached first, revenue and
/// products on the day of the order: the days add up to the whole.
struct DailyReport: Sendable {
    let experience: ReportedExperience
    /// Nil when there are none.
    let days: ReportDays?
    let metric: ReportMetric
    let isCumulative: Bool
    /// By variation and day.
    private let sums: [ExperimentDay.Key: DaySums]

    init(
        _ experience: ReportedExperience, _ found: [ExperimentDay], days: ReportDays?, metric: ReportMetric,
        isCumulative: Bool
    ) {
        self.experience = experience
        self.days = days
        self.metric = metric
        self.isCumulative = isCumulative
        sums = Dictionary(found.map { ($0.key, DaySums($0)) }) { first, _ in first }
    }

    var answer: JSONValue {
        let series = experience.variationIDs.map { (id: $0, days: self.series(of: $0)) }
        let variations = series.map { id, days -> JSONValue in
            let points = days.map { day, sums -> JSONValue in
                [
                    "timestamp": .integer(day), "value": .double(sums.value(metric)),
                    "totals": .double(sums.total(metric.amount)), "visitors": .integer(sums.visitors),
                ]
            }
            return ["id": .integer(id), "stats": .array(points)]
        }
        return [
            "variations_data": .array(experience.variations.map(\.json)),
            "reportData": ["variations": .array(variations), "extra": .array(extra(series.map(\.days)))],
        ]
    }

    /// Each day's first second, and its sums; of all days up to it where they are to add up.
    private func series(of variationID: Int64) -> [(Int64, DaySums)] {
        guard let days else { return [] }
        var all = DaySums()
        if isCumulative {
            for (key, day) in sums where key.variationID == variationID && key.day < days.numbers.lowerBound {
                all += day
            }
        }
        return days.numbers.map { number in
            let day = sums[ExperimentDay.Key(variationID: variationID, day: number)] ?? DaySums()
            all += day
            return (days.start(of: number), isCumulative ? all : day)
        }
    }

    /// The same of all variations together.
    private func extra(_ series: [[(Int64, DaySums)]]) -> [JSONValue] {
        var together: [(day: Int64, sums: DaySums)] = []
        for days in series {
            if together.isEmpty { together = days.map { ($0.0, DaySums()) } }
            for (place, day) in days.enumerated() { together[place].sums += day.1 }
        }
        let types: [(String, (DaySums) -> Double)] = [
            ("total_visitors", { Double($0.visitors) }), ("avg_conversion_rate", { $0.value(.conversionRate) }),
            ("avg_revenue_visitor", { $0.value(.revenuePerVisitor) }),
            ("avg_products_ordered", { $0.value(.productsPerVisitor) }),
        ]
        return types.map { type, value in
            let points = together.map { day, sums -> JSONValue in
                ["timestamp": .integer(day), "value": .double(value(sums))]
            }
            return ["type": .string(type), "stats": .array(points)]
        }
    }
}

/// What became of some visitors on some days.
struct DaySums: Sendable, Equatable {
    private(set) var visitors: Int64 = 0
    private var conversions: Int64 = 0
    private var revenue: Int128 = 0
    private var products: Int128 = 0

    init() {}

    init(_ day: ExperimentDay) {
        visitors = day.visitors
        conversions = day.conversions
        revenue = day.revenue
        products = day.products
    }

    static func += (sums: inout DaySums, other: DaySums) {
        sums.visitors += other.visitors
        sums.conversions += other.conversions
        sums.revenue += other.revenue
        sums.products += other.products
    }

    func total(_ amount: CountedAmount) -> Double {
        switch amount {
        case .conversions: Double(conversions)
        case .revenue: Double(revenue) / ExperimentCounts.revenueScale
        case .products: Double(products)
        }
    }

    /// 0 on days without anybody to divide by.
    func value(_ metric: ReportMetric) -> Double {
        let divisor = metric.hasStatistics ? visitors : conversions
        return divisor > 0 ? total(metric.amount) / Double(divisor) : 0
    }
}
