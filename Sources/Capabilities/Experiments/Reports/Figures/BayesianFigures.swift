import JSON
import Statistics

/// The figures of one metric of a goal, by posteriors, of which nothing was believed before.
struct BayesianFigures: Sendable {
    /// What is said of one variation.
    struct Belief: Sendable, Equatable {
        /// That it is better than the baseline; of the baseline, that it is better than all others.
        let chance: Double
        /// What is expected of the change, as a part of the baseline's value; nil when that is 0.
        let expected: Double?
        /// What is lost on average by staying with the baseline, and by taking the variation, as parts of the baseline's
        /// value; nil when that is 0.
        let risk: (staying: Double, taking: Double)?

        static func == (first: Belief, second: Belief) -> Bool {
            first.chance == second.chance && first.expected == second.expected
                && first.risk?.staying == second.risk?.staying && first.risk?.taking == second.risk?.taking
        }
    }

    /// By variation; those of whom nothing can be told are missing.
    private(set) var beliefs: [Int64: Belief] = [:]
    private let goal: GoalFigures
    private let metric: ReportMetric
    private let settings: BayesianSettings

    init(_ goal: GoalFigures, _ metric: ReportMetric, _ settings: BayesianSettings) {
        self.goal = goal
        self.metric = metric
        self.settings = settings
        guard let baseline = goal.baseline else { return }
        for variation in goal.compared { beliefs[variation.variationID] = belief(variation, baseline) }
        let posteriors = [posterior(baseline)] + goal.compared.map(posterior)
        let known = posteriors.compactMap(\.self)
        guard known.count == posteriors.count, known.count > 1, known.count <= Self.maximumCompared else { return }
        let chance = known.count == 2 ? beliefs.values.first.map { 1 - $0.chance } : BestOf.chance(of: 0, known)
        if let chance { beliefs[baseline.variationID] = Belief(chance: chance, expected: nil, risk: nil) }
    }

    /// Of more variations together it is not said how likely the baseline is the best: the work grows with the square of their
    /// number.
    private static let maximumCompared = 20

    private func belief(_ variation: VariationCounts, _ baseline: VariationCounts) -> Belief? {
        if metric == .conversionRate {
            let rates = [baseline, variation].map { BetaDistribution($0.conversions) }
            let losses = BestOf.expectedLosses(rates)
            let (own, before) = (rates[1].mean, rates[0].mean)
            return Belief(
                chance: BestOf.chances(rates)[1], expected: (own - before) / before,
                risk: (staying: losses[0] / before, taking: losses[1] / before))
        }
        let (own, before) = (variation.sample(metric.amount), baseline.sample(metric.amount))
        guard let effect = Effect(.absolute, of: own, over: before), let mean = before.mean else { return nil }
        let posterior = NormalPosterior(effect)
        let isRelative = mean != 0
        return Belief(
            chance: posterior.chanceAboveZero, expected: isRelative ? posterior.mean / abs(mean) : nil,
            risk: isRelative
                ? (
                    staying: posterior.expectedLossOfBaseline / abs(mean),
                    taking: posterior.expectedLossOfVariation / abs(mean)
                ) : nil)
    }

    /// What is believed of the value itself; nil while nothing is.
    private func posterior(_ variation: VariationCounts) -> (any Posterior)? {
        if metric == .conversionRate { return BetaDistribution(variation.conversions) }
        let sample = variation.sample(metric.amount)
        guard let mean = sample.mean, let variance = sample.varianceOfMean, variance > 0 else { return nil }
        return NormalPosterior(mean: mean, variance: variance)
    }

    /// Half the width of the interval that holds the variation's value as surely as decisions are to be; nil when it cannot
    /// be told.
    func interval(of variation: VariationCounts) -> Double? {
        let sample = variation.sample(metric.amount)
        guard let variance = sample.varianceOfMean, variance.isFinite else { return nil }
        let tail = (100 - settings.decisionThreshold) / 200
        return NormalDistribution.upperQuantile(tail) * variance.squareRoot()
    }

    /// Whether it can be taken: it wins, and little is lost should it not.
    func isDone(_ variation: VariationCounts) -> Bool {
        let belief = beliefs[variation.variationID]
        return goal.isLargeEnough(variation) && (belief?.chance ?? 0) * 100 > settings.decisionThreshold
            && (belief?.risk.map { $0.taking * 100 < settings.riskThreshold } ?? false)
    }

    /// Whether the baseline wins over it, and little is lost by staying with that.
    func isBeaten(_ variation: VariationCounts) -> Bool {
        guard let belief = beliefs[variation.variationID], !goal.isBaseline(variation) else { return false }
        return goal.isLargeEnough(variation) && (1 - belief.chance) * 100 > settings.decisionThreshold
            && (belief.risk.map { $0.staying * 100 < settings.riskThreshold } ?? false)
    }

    /// The contract's members, but for those that all methods have.
    func members(_ variation: VariationCounts) -> [(String, JSONValue)] {
        let belief = beliefs[variation.variationID]
        let risk = belief?.risk
        return [
            ("chance_to_win", .double(100 * (belief?.chance ?? 0))),
            ("expected", Self.number(belief?.expected)),
            ("risk", risk.flatMap(Self.list) ?? .null),
            ("estimated_progress", progress(variation)),
            ("done", .bool(isDone(variation))),
        ]
    }

    /// Percent of the visitors with whom the observed difference would be as sure as decisions are to be.
    private func progress(_ variation: VariationCounts) -> JSONValue { Self.number(plan(variation)?.progress) }

    /// How many visitors are planned.
    static let planFormula = "2 z_threshold^2 (v1 + v0) / difference^2"

    /// The visitors with whom the observed difference would be as sure as decisions are to be; nil where nothing can be told.
    func plan(_ variation: VariationCounts) -> SamplePlan? {
        guard let baseline = goal.baseline, !goal.isBaseline(variation), let effect = goal.effect(metric, of: variation)
        else { return nil }
        let test = FixedHorizonTest(.z, .greater, alpha: 1 - settings.decisionThreshold / 100)
        return SamplePlan(
            difference: effect.estimate, variation.sample(metric.amount), baseline.sample(metric.amount)
        ) { Power(test, power: 0.5).visitorsOfEach(difference: effect.estimate, variances: $0) }
    }

    private static func list(_ risk: (staying: Double, taking: Double)) -> JSONValue? {
        risk.staying.isFinite && risk.taking.isFinite ? [.double(risk.staying), .double(risk.taking)] : nil
    }

    private static func number(_ value: Double?) -> JSONValue {
        value.flatMap { $0.isFinite ? .double($0) : nil } ?? .null
    }
}
