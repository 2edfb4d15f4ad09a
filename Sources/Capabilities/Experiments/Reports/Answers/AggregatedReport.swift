import EventStore
import JSON
import ProjectDocuments

/// What came out for each goal and variation (contract schema `ExperienceAggregatedReport`).
struct AggregatedReport: Sendable {
    let experience: ReportedExperience
    let settings: ReportSettings
    let shares: VisitorShares
    let goals: [GoalFigures]
    let metrics: [ReportMetric]

    init(
        _ experience: ReportedExperience, _ settings: ReportSettings, _ counts: ExperimentCounts,
        _ history: WeightHistory, goals: [Int64], metrics: [ReportMetric]
    ) {
        let shares = VisitorShares(
            counts, history, of: experience.variationIDs, isChecked: settings.checksShares)
        self.experience = experience
        self.settings = settings
        self.shares = shares
        self.goals = goals.map { GoalFigures(goalID: $0, counts, experience, settings, shares) }
        self.metrics = metrics
    }

    var answer: JSONValue {
        [
            "stats_methodology": .string(settings.statistics.methodology),
            "variations_data": .array(experience.variations.map(\.json)),
            "reportData": .array(goals.map(show)),
        ]
    }

    private func show(_ goal: GoalFigures) -> JSONValue {
        let figures = Dictionary(ReportMetric.allCases.map { ($0, MetricFigures(goal, $0)) }) { first, _ in first }
        let variations = goal.variations.map { variation -> JSONValue in
            var members = JSONObject([
                ("id", .integer(variation.variationID)), ("visitors", .integer(variation.visitors)),
            ])
            for (member, metric) in Self.superseded {
                members[member] = figures[metric].map { Self.superseded($0, goal, variation) } ?? .null
            }
            members["metrics"] = .array(metrics.compactMap { figures[$0]?.show(variation) })
            return .object(members)
        }
        return .object(
            JSONObject([("goal_id", .integer(goal.goalID))] + shares.members() + [("variations", .array(variations))]))
    }

    private static let superseded: [(member: String, metric: ReportMetric)] = [
        ("conversion_data", .conversionRate), ("revenue_data", .revenuePerVisitor),
        ("products_data", .productsPerVisitor),
    ]

    /// The same as in `metrics`, in the words of older clients; changes are in percent here.
    private static func superseded(_ figures: MetricFigures, _ goal: GoalFigures, _ variation: VariationCounts)
        -> JSONValue
    {
        let isOrdered = goal.variations.contains { $0.orders > 0 }
        let names: (value: String, total: String)
        switch figures.metric {
        case .conversionRate: names = ("conversion_rate", "conversions")
        case .revenuePerVisitor: names = ("revenue_per_visitor", "total_revenue")
        default: names = ("products_per_visitor", "total_products")
        }
        guard figures.metric == .conversionRate || isOrdered else { return .null }
        let total = variation.total(figures.metric.amount)
        var members = JSONObject([
            (names.total, figures.metric == .conversionRate ? .integer(variation.converters) : .double(total)),
            (names.value, .double(variation.value(figures.metric) ?? 0)),
        ])
        if let change = goal.change(figures.metric, of: variation) {
            members["\(names.value)_change"] = .double(change * 100)
        }
        if let interval = figures.interval(variation) { members["\(names.value)_interval"] = .double(interval) }
        if case .frequentist(let tests) = figures.statistics {
            members["confidence"] = .double(tests.confidence(variation))
            members["statistically_significant"] = .bool(
                tests.comparisons[variation.variationID]?.isSignificant ?? false)
        }
        return .object(members)
    }
}
