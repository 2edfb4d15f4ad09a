import EventStore
import JSON
import Statistics
import Time

/// What a report's figures are made of, so that anybody can make them again (Sextant's schema `ReportExplanation`).
struct ReportExplanation: Sendable {
    let report: AggregatedReport
    let plan: ReportPlan
    let counts: ExperimentCounts
    let query: ExperimentQuery

    /// What the statement calls the log of experiment events.
    static let table = "experiment_events"

    var answer: JSONValue {
        [
            "experience_id": .integer(plan.experience.id),
            "start_time": plan.range.start.map { .integer($0.seconds) } ?? .null,
            "end_time": plan.range.end.map { .integer($0.seconds - 1) } ?? .null,
            "settings": settings,
            "sql": .string(EventStore.readableCounts(query, table: Self.table)),
            "excluded_visitors": .integer(counts.excluded),
            "shares": shares,
            "goals": .array(report.goals.map(show)),
        ]
    }

    // MARK: settings

    private var settings: JSONValue {
        let own: [(String, JSONValue)]
        switch plan.settings.statistics {
        case .frequentist(let settings):
            own = [
                ("confidence", .double(settings.confidence)), ("power", .double(settings.power)),
                ("test_type", .string(settings.test.rawValue)),
                ("multiple_comparison_correction", .string(settings.correction.rawValue)),
                ("power_calculation_type", .string(settings.plannedEffect == nil ? "dynamic_mde" : "fixed_mde")),
                ("fixed_mde", settings.plannedEffect.map { .double($0 * 100) } ?? .null),
            ]
        case .bayesian(let settings):
            own = [
                ("decision_threshold", .double(settings.decisionThreshold)),
                ("risk_threshold", .double(settings.riskThreshold)),
            ]
        }
        return .object(
            JSONObject(
                [("stats_type", .string(plan.settings.statistics.methodology))] + own + [
                    ("srm_check", .bool(plan.settings.checksShares)),
                    ("min_variation_visitors", .integer(plan.settings.leastVisitors)),
                    ("min_variation_conversions", .integer(plan.settings.leastConversions)),
                    ("keep_running_until_confidence", .bool(plan.settings.needsSignificance)),
                    ("order_value", Self.show(plan.settings.revenueBounds)),
                    ("products_ordered_count", Self.show(plan.settings.productsBounds)),
                ]))
    }

    private static func show(_ bounds: AmountBounds) -> JSONValue {
        func number(_ value: Double?) -> JSONValue { value.map { .double($0) } ?? .null }
        switch bounds {
        case .none: return ["detection_type": "none"]
        case .values(let least, let most):
            return ["detection_type": "min_max", "min": number(least), "max": number(most)]
        case .percentiles(let least, let most):
            return ["detection_type": "percentile", "min": number(least), "max": number(most)]
        }
    }

    // MARK: shares

    private var shares: JSONValue {
        let ids = plan.experience.variationIDs
        let periods = plan.history.weights.enumerated().map { period, weights -> JSONValue in
            let variations = ids.map { id -> JSONValue in
                let visitors = report.shares.counts.count(of: id, in: period)
                return ["id": .integer(id), "weight": .double(weights[id] ?? 0), "visitors": .integer(visitors)]
            }
            let since: JSONValue =
                period == 0 ? .null : .double(Double(plan.history.boundaries[period - 1].microseconds) / 1_000_000)
            return ["since": since, "variations": .array(variations)]
        }
        let mismatch = report.shares.mismatch()
        return [
            "formula": "Pearson's chi-square, added over the periods",
            "periods": .array(periods), "leaked_visitors": .integer(report.shares.leaked),
            "statistic": mismatch.map { .double($0.statistic) } ?? .null,
            "degrees_of_freedom": mismatch.map { .integer(Int64($0.degreesOfFreedom)) } ?? .null,
            "p_value": mismatch.map { .double($0.pValue) } ?? .null,
        ]
    }

    // MARK: goals

    private func show(_ goal: GoalFigures) -> JSONValue {
        let judged = ReportMetric.allCases.filter(\.hasStatistics).map { MetricFigures(goal, $0) }
        return [
            "goal_id": .integer(goal.goalID),
            "variations": .array(
                goal.variations.map { variation in
                    [
                        "id": .integer(variation.variationID), "is_baseline": .bool(goal.isBaseline(variation)),
                        "visitors": .integer(variation.visitors), "conversions": .integer(variation.converters),
                        "orders": .integer(variation.orders),
                        "metrics": .array(judged.map { show($0, of: variation, goal) }),
                    ]
                }),
        ]
    }

    private func show(_ figures: MetricFigures, of variation: VariationCounts, _ goal: GoalFigures) -> JSONValue {
        let amount = figures.metric.amount
        let sample = variation.sample(amount)
        func number(_ value: Double?) -> JSONValue { value.map { .double($0) } ?? .null }
        var shown = JSONObject([
            ("metric_type", .string(figures.metric.rawValue)), ("n", .integer(sample.count)),
            ("sum", .double(variation.total(amount))), ("sum_of_squares", .double(variation.totalOfSquares(amount))),
            ("mean", number(sample.mean)), ("variance", number(sample.variance)),
            ("interval", number(figures.interval(variation))),
        ])
        shown["comparison"] = .null
        guard let effect = goal.isBaseline(variation) ? nil : goal.effect(figures.metric, of: variation) else {
            return .object(shown)
        }
        var comparison = JSONObject([
            ("difference", .double(effect.estimate)), ("standard_error", .double(effect.standardError)),
            ("degrees_of_freedom", .double(effect.degreesOfFreedom)),
        ])
        switch figures.statistics {
        case .frequentist(let tests):
            let found = tests.comparisons[variation.variationID]
            comparison["formula"] = .string(tests.testName)
            comparison["p_value"] = number(found?.pValue)
            comparison["adjusted_p_value"] = number(found?.adjusted)
            comparison["plan"] = Self.show(found?.plan, tests.planFormula)
        case .bayesian(let beliefs):
            let isRate = figures.metric == .conversionRate
            comparison["formula"] = .string(
                isRate ? "Beta posteriors of the rates, by quadrature" : "normal posterior of the difference")
            comparison["plan"] = Self.show(beliefs.plan(variation), BayesianFigures.planFormula)
        case .none: break
        }
        shown["comparison"] = .object(comparison)
        return .object(shown)
    }
}

extension ReportExplanation {
    private static func show(_ plan: SamplePlan?, _ formula: String) -> JSONValue {
        guard let plan else { return .null }
        return [
            "formula": .string(formula), "difference": plan.difference.isFinite ? .double(plan.difference) : .null,
            "visitors_needed": plan.needed.map { .integer($0) } ?? .null, "visitors_present": .integer(plan.present),
        ]
    }
}

extension VariationCounts {
    /// Of the visitors' amounts, in the square of the amount's own unit.
    fileprivate func totalOfSquares(_ amount: CountedAmount) -> Double {
        let (sums, scale): (AmountSums, Double)
        switch amount {
        case .conversions: return Double(converters)
        case .revenue: (sums, scale) = (revenue, ExperimentCounts.revenueScale)
        case .products: (sums, scale) = (products, 1)
        }
        return sums.squares.rounded / (scale * scale)
    }
}
