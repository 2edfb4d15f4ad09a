import EventStore
import JSON
import Statistics
import Time

/// What comes out when what visitors did before is taken out of what they did after (Sextant's schema `AdjustedReport`).
struct AdjustedReport: Sendable {
    let plan: ReportPlan
    let query: ExperimentQuery
    /// How long before the first view a visitor's history begins.
    let days: Int
    let found: ExperimentCovariates
    /// How visitors were shared out.
    let shares: VisitorShares

    var answer: JSONValue {
        [
            "experience_id": .integer(plan.experience.id), "history_days": .integer(Int64(days)),
            "start_time": plan.range.start.map { .integer($0.seconds) } ?? .null,
            "end_time": plan.range.end.map { .integer($0.seconds - 1) } ?? .null,
            "settings": settings, "formula": "outcome - coefficient (before - mean before), CUPED",
            "sql": .string(
                EventStore.readableCovariates(query, days: days, table: ReportExplanation.table)),
            "srm": .bool(mismatch.map { $0.pValue < VisitorShares.threshold } ?? false),
            "srm_pvalue": Self.number(mismatch?.pValue), "goals": .array(query.goalIDs.map(show)),
        ]
    }

    private var mismatch: SampleRatioMismatch? { shares.mismatch() }

    private var settings: JSONValue {
        guard case .frequentist(let tests) = plan.settings.statistics else { return .object(JSONObject()) }
        return [
            "confidence": .double(tests.confidence), "test_type": .string(tests.test.rawValue),
            "multiple_comparison_correction": .string(tests.correction.rawValue),
            "min_variation_visitors": .integer(plan.settings.leastVisitors),
            "min_variation_conversions": .integer(plan.settings.leastConversions),
        ]
    }

    private func show(_ goalID: Int64) -> JSONValue {
        let metrics = ReportMetric.allCases.filter(\.hasStatistics).map { metric in
            show(AdjustedFigures(metric, goalID: goalID, found, plan.experience, plan.settings))
        }
        return ["goal_id": .integer(goalID), "metrics": .array(metrics)]
    }

    private func show(_ figures: AdjustedFigures) -> JSONValue {
        [
            "metric_type": .string(figures.metric.rawValue), "is_usable": .bool(figures.unusable == nil),
            "reason": figures.unusable.map { .string($0.rawValue) } ?? .null,
            "coefficient": Self.number(figures.adjustment?.coefficient),
            "variance_reduction": Self.number(figures.adjustment?.explained),
            "variations": .array(figures.variations.map { show($0, figures) }),
        ]
    }

    private func show(_ variation: AdjustedFigures.Variation, _ figures: AdjustedFigures) -> JSONValue {
        let scale = figures.metric.amount == .revenue ? ExperimentCounts.revenueScale : 1
        func sums(_ sums: AmountSums?) -> JSONValue {
            [
                "sum": .double(Double(sums?.sum ?? 0) / scale),
                "sum_of_squares": .double((sums?.squares.rounded ?? 0) / (scale * scale)),
            ]
        }
        return [
            "id": .integer(variation.id), "is_baseline": .bool(variation.isBaseline),
            "n": .integer(variation.sample.count), "visitors_before": .integer(variation.visitorsBefore),
            "mean": Self.number(variation.sample.outcome.mean),
            "adjusted_mean": Self.number(figures.adjustedMean(variation)),
            "outcome": sums(variation.sums?.outcome), "before": sums(variation.sums?.before),
            "sum_of_products": .double((variation.sums?.products.rounded ?? 0) / (scale * scale)),
            "comparison": figures.comparisons[variation.id].map(show) ?? .null,
        ]
    }

    private func show(_ comparison: AdjustedFigures.Comparison) -> JSONValue {
        [
            "difference": .double(comparison.effect.estimate),
            "standard_error": .double(comparison.effect.standardError),
            "degrees_of_freedom": Self.number(comparison.effect.degreesOfFreedom),
            "interval": Self.interval(comparison.interval), "p_value": .double(comparison.pValue),
            "adjusted_p_value": .double(comparison.adjustedPValue),
            "statistically_significant": .bool(comparison.isSignificant),
            "relative_difference": Self.number(comparison.relative?.change),
            "relative_interval": comparison.relative.map { Self.interval($0.interval) } ?? .null,
        ]
    }

    /// An end that is left open is null.
    private static func interval(_ interval: ConfidenceInterval) -> JSONValue {
        ["lower": number(interval.lower), "upper": number(interval.upper)]
    }

    private static func number(_ value: Double?) -> JSONValue {
        value.flatMap { $0.isFinite ? .double($0) : nil } ?? .null
    }
}
