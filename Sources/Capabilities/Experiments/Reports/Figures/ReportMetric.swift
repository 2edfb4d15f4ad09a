import EventStore

/// What is measured of a goal (contract schema `MetricTypes`).
enum ReportMetric: String, Sendable, CaseIterable {
    /// Visitors who reached it, of all.
    case conversionRate = "conversion_rate"
    case revenuePerVisitor = "avg_revenue_visitor"
    case productsPerVisitor = "avg_products_ordered_visitor"
    /// Revenue by visitors who reached it.
    case orderValue = "average_order_value"
    /// Products by visitors who reached it.
    case productsPerOrder = "average_products_per_order"

    /// As daily reports call it (contract schema `DailyReportMetrics`).
    init?(daily name: String) {
        switch name {
        case "avg_revenue_per_visitor": self = .revenuePerVisitor
        case "avg_products_ordered_per_visitor": self = .productsPerVisitor
        default: self.init(rawValue: name)
        }
    }

    /// Whether it is judged, or only shown: the contract has no statistics of what is divided by conversions.
    var hasStatistics: Bool {
        switch self {
        case .conversionRate, .revenuePerVisitor, .productsPerVisitor: true
        case .orderValue, .productsPerOrder: false
        }
    }

    var amount: CountedAmount {
        switch self {
        case .conversionRate: .conversions
        case .revenuePerVisitor, .orderValue: .revenue
        case .productsPerVisitor, .productsPerOrder: .products
        }
    }
}
