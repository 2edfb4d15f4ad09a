import JSON

/// The figures of one metric of a goal.
struct MetricFigures: Sendable {
    enum Statistics: Sendable {
        case none
        case frequentist(FrequentistFigures)
        case bayesian(BayesianFigures)
    }

    let metric: ReportMetric
    let statistics: Statistics
    private let goal: GoalFigures

    init(_ goal: GoalFigures, _ metric: ReportMetric) {
        self.goal = goal
        self.metric = metric
        switch goal.settings.statistics {
        case _ where !metric.hasStatistics: statistics = .none
        case .frequentist(let settings): statistics = .frequentist(FrequentistFigures(goal, metric, settings))
        case .bayesian(let settings): statistics = .bayesian(BayesianFigures(goal, metric, settings))
        }
    }

    /// Half the width of the interval around the value; nil where there is none.
    func interval(_ variation: VariationCounts) -> Double? {
        switch statistics {
        case .none: nil
        case .frequentist(let figures): figures.interval(of: variation)
        case .bayesian(let figures): figures.interval(of: variation)
        }
    }

    /// Contract schemas `ExperienceAggregatedMetric...`. What cannot be told is null where the contract has it, and left out
    /// where it has not.
    func show(_ variation: VariationCounts) -> JSONValue {
        var members = JSONObject([
            ("metric_type", .string(metric.rawValue)),
            ("metric_total", .integer(Self.whole(variation.total(metric.amount)))),
            ("metric_value", .double(variation.value(metric) ?? 0)),
        ])
        if let change = goal.change(metric, of: variation), change.isFinite {
            members["metric_change"] = .double(change)
        }
        if let interval = interval(variation), interval.isFinite { members["metric_interval"] = .double(interval) }
        let own: [(String, JSONValue)]
        switch statistics {
        case .none: return .object(members)
        case .frequentist(let figures): own = figures.members(variation)
        case .bayesian(let figures): own = figures.members(variation)
        }
        for (member, value) in own { members[member] = value }
        let isAlone = goal.baseline == nil || goal.isBaseline(variation)
        let shares: [(String, JSONValue)] =
            isAlone
            ? [("srm", .null), ("srm_pvalue", .null)]
            : goal.shares.members([goal.baseline?.variationID ?? 0, variation.variationID])
        for (member, value) in shares { members[member] = value }
        return .object(members)
    }

    /// The contract's totals are whole numbers.
    private static func whole(_ total: Double) -> Int64 {
        Int64(exactly: total.rounded()) ?? (total < 0 ? .min : .max)
    }
}
