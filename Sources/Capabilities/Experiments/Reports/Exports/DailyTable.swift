import JSON
import Time

/// Daily reports of one goal in rows: one for each day and variation, with the totals and values of all metrics.
struct DailyTable {
    let names: ReportNames

    static let table = ReportTable(
        columns: ReportNames.columns + [
            ReportTable.Column(name: "day", title: "Day"), ReportTable.Column(name: "visitors", title: "Visitors"),
            ReportTable.Column(name: "conversions", title: "Conversions"),
            ReportTable.Column(name: "conversion_rate", title: "Conversion rate"),
            ReportTable.Column(name: "revenue", title: "Revenue"),
            ReportTable.Column(name: "avg_revenue_per_visitor", title: "Revenue per visitor"),
            ReportTable.Column(name: "average_order_value", title: "Average order value"),
            ReportTable.Column(name: "products", title: "Products ordered"),
            ReportTable.Column(name: "avg_products_ordered_per_visitor", title: "Products per visitor"),
            ReportTable.Column(name: "average_products_per_order", title: "Products per order"),
        ])

    /// The columns of each metric: its total, where no other metric before has it, and its value.
    private static let metrics: [(metric: ReportMetric, hasTotal: Bool)] = [
        (.conversionRate, true), (.revenuePerVisitor, true), (.orderValue, false), (.productsPerVisitor, true),
        (.productsPerOrder, false),
    ]

    /// - Parameter report: the report of a metric, as it is answered.
    func rows(goal: Int64, _ report: (ReportMetric) -> JSONValue) -> [[JSONValue]] {
        let answers = Self.metrics.map { ($0.hasTotal, report($0.metric)["reportData"]?["variations"]?.array ?? []) }
        guard let variations = answers.first?.1 else { return [] }
        return variations.indices.flatMap { place -> [[JSONValue]] in
            let first = names.cells(goal: .integer(goal), variation: variations[place]["id"] ?? .null)
            let days = variations[place]["stats"]?.array ?? []
            return days.indices.map { day in
                let start = Timestamp(seconds: days[day]["timestamp"]?.int64 ?? 0)
                let figures = answers.flatMap { hasTotal, variations -> [JSONValue] in
                    let point = variations[place]["stats"]?[day]
                    return (hasTotal ? [point?["totals"] ?? .null] : []) + [point?["value"] ?? .null]
                }
                return first + [.string(start.formatted(.secondsUTC)), days[day]["visitors"] ?? .null] + figures
            }
        }
    }
}
