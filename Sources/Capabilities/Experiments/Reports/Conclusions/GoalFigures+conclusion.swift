import Statistics

extension GoalFigures {
    /// - Parameter metric: the one that the experience is judged by.
    func conclusion(_ metric: ReportMetric) -> GoalConclusion {
        let figures = MetricFigures(self, metric)
        let isOrdered = variations.contains { $0.orders > 0 }
        return GoalConclusion(
            goalID: goalID, metric: metric.rawValue, methodology: settings.statistics.methodology,
            variations: variations.map { variation in
                let verdict = isBaseline(variation) ? .none : verdict(figures, metric, of: variation)
                return VariationConclusion(
                    variationID: variation.variationID, isBaseline: isBaseline(variation), visitors: variation.visitors,
                    conversions: variation.converters,
                    improvement: change(metric, of: variation).flatMap { $0.isFinite ? $0 * 100 : nil },
                    chance: verdict.chance * 100, result: verdict.result,
                    revenuePerVisitor: isOrdered ? variation.value(.revenuePerVisitor) ?? 0 : nil,
                    pValue: verdict.pValue, hasPlannedVisitors: verdict.isPlanned,
                    isLargeEnough: isLargeEnough(variation))
            })
    }

    private struct Verdict {
        var result = VariationConclusion.TestResult.notConcluded
        var chance = 0.0
        var pValue: Double?
        var isPlanned = false

        static let none = Verdict()
    }

    private func verdict(_ figures: MetricFigures, _ metric: ReportMetric, of variation: VariationCounts) -> Verdict {
        switch figures.statistics {
        case .none: return .none
        case .bayesian(let beliefs):
            guard let belief = beliefs.beliefs[variation.variationID] else { return .none }
            var verdict = Verdict(chance: belief.chance)
            guard isLargeEnough(variation) else { return verdict }
            if beliefs.isDone(variation) { verdict.result = .winner }
            if beliefs.isBeaten(variation) { verdict.result = .losing }
            return verdict
        case .frequentist(let tests):
            guard let comparison = tests.comparisons[variation.variationID], let effect = effect(metric, of: variation)
            else { return .none }
            let chance = 1 - FixedHorizonTest(.t, .greater, alpha: 0.05).evaluate(effect).pValue
            var verdict = Verdict(
                chance: chance, pValue: comparison.pValue,
                isPlanned: tests.isPlanned && comparison.plan?.remaining == 0)
            if comparison.isSignificant, effect.estimate > 0 {
                verdict.result = .winner
            } else if isLargeEnough(variation), tests.isWorse(variation) {
                verdict.result = .losing
            } else if verdict.isPlanned, isLargeEnough(variation) {
                verdict.result = .noChange
            }
            return verdict
        }
    }
}
