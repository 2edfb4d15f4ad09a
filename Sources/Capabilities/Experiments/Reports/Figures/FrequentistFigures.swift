import JSON
import Statistics

/// The figures of one metric of a goal, by tests: each variation against the baseline.
struct FrequentistFigures: Sendable {
    /// What is said of one variation.
    struct Comparison: Sendable, Equatable {
        /// Without correction.
        let pValue: Double
        /// As it is compared with alpha.
        let adjusted: Double
        let isSignificant: Bool
        /// Nil where nothing can be planned.
        let plan: SamplePlan?
        /// Percent.
        let power: Double
        let isDone: Bool
    }

    /// By variation; those of whom nothing can be told are missing.
    private(set) var comparisons: [Int64: Comparison] = [:]
    private let goal: GoalFigures
    private let metric: ReportMetric
    private let settings: FrequentistSettings

    init(_ goal: GoalFigures, _ metric: ReportMetric, _ settings: FrequentistSettings) {
        self.goal = goal
        self.metric = metric
        self.settings = settings
        let compared = goal.compared.map { (variation: $0, effect: goal.effect(metric, of: $0)) }
        // Each comparison counts, whether or not anything can be told of it yet.
        let pValues = compared.map { $0.effect.map { test.evaluate($0).pValue } ?? 1 }
        let alpha = settings.correction.alpha(settings.alpha, comparisons: compared.count)
        for (one, (pValue, adjusted)) in zip(compared, zip(pValues, settings.correction.adjusted(pValues))) {
            guard let effect = one.effect else { continue }
            comparisons[one.variation.variationID] = compare(one.variation, effect, (pValue, adjusted), alpha)
        }
    }

    private func compare(
        _ variation: VariationCounts, _ effect: Effect, _ pValues: (plain: Double, adjusted: Double), _ alpha: Double
    ) -> Comparison {
        let isLargeEnough = goal.isLargeEnough(variation)
        let isSignificant = isLargeEnough && pValues.adjusted < settings.alpha
        let plan = plan(variation, effect, alpha)
        let isPlanned = plan?.remaining == 0
        let isSequential = settings.test == .sequential
        let isDone = isPlanned ? isSignificant || !goal.settings.needsSignificance : isSequential && isSignificant
        return Comparison(
            pValue: pValues.plain, adjusted: pValues.adjusted, isSignificant: isSignificant, plan: plan,
            power: 100 * observedPower(effect, alpha), isDone: isLargeEnough && isDone)
    }

    /// Whether it was said before which effect is planned for. The number of visitors that the observed effect would need
    /// follows what is observed, and is no plan.
    var isPlanned: Bool { settings.plannedEffect != nil }

    /// Whether a variation is worse than the baseline, whichever effect is tested for.
    func isWorse(_ variation: VariationCounts) -> Bool {
        guard let effect = goal.effect(metric, of: variation), effect.estimate < 0 else { return false }
        let others = goal.compared.map { goal.effect(metric, of: $0) }
        let test: any EffectTest =
            switch settings.test {
            case .oneTail, .oneTailLeft, .oneTailRight: FixedHorizonTest(.t, .less, alpha: settings.alpha)
            case .twoTails, .sequential: self.test
            }
        let pValues = settings.correction.adjusted(others.map { $0.map { test.evaluate($0).pValue } ?? 1 })
        return zip(goal.compared, pValues).contains { $0.variationID == variation.variationID && $1 < settings.alpha }
    }

    private func plan(_ variation: VariationCounts, _ effect: Effect, _ alpha: Double) -> SamplePlan? {
        guard let baseline = goal.baseline?.sample(metric.amount), let mean = baseline.mean else { return nil }
        let difference = settings.plannedEffect.map { $0 * mean } ?? effect.estimate
        return SamplePlan(difference: difference, variation.sample(metric.amount), baseline) { variances in
            settings.test == .sequential
                ? sequentialPower(alpha).visitorsOfEach(difference: difference, variances: variances)
                : power(alpha).visitorsOfEach(difference: difference, variances: variances)
        }
    }

    /// How likely an effect as large as the observed one would be shown.
    private func observedPower(_ effect: Effect, _ alpha: Double) -> Double {
        settings.test == .sequential ? sequentialPower(alpha).observed(effect) : power(alpha).observed(effect)
    }

    private func power(_ alpha: Double) -> Power {
        Power(FixedHorizonTest(.t, settings.alternative, alpha: alpha), power: settings.power / 100)
    }

    /// - Parameter alpha: of one comparison of several.
    private func sequentialPower(_ alpha: Double) -> SequentialPower {
        SequentialPower(SequentialTest(alpha: settings.alpha), level: alpha, power: settings.power / 100)
    }

    /// How many visitors are planned.
    var planFormula: String {
        settings.test == .sequential
            ? "2 (edge + z_power)^2 (v1 + v0) / difference^2, with the sequence's edge at so many visitors"
            : "2 (z_alpha + z_power)^2 (v1 + v0) / difference^2"
    }

    private var test: any EffectTest { settings.effectTest }

    /// What the test is called.
    var testName: String {
        settings.test == .sequential ? "asymptotic confidence sequence" : "Welch's t test"
    }

    /// Half the width of the interval around the variation's own value, in both directions; nil when it cannot be told.
    func interval(of variation: VariationCounts) -> Double? {
        let sample = variation.sample(metric.amount)
        guard let mean = sample.mean, let variance = sample.varianceOfMean, variance.isFinite else { return nil }
        if variance == 0 { return 0 }
        let value = Effect(
            estimate: mean, variance: variance, degreesOfFreedom: Double(sample.count - 1), count: sample.count)
        let interval =
            settings.test == .sequential
            ? SequentialTest(alpha: settings.alpha).evaluate(value).interval
            : FixedHorizonTest(.t, .twoSided, alpha: settings.alpha).evaluate(value).interval
        let width = interval.upper - mean
        return width.isFinite ? width : nil
    }

    /// Percent: how sure it is that there is an effect; 0 while too little is known.
    func confidence(_ variation: VariationCounts) -> Double {
        guard let comparison = comparisons[variation.variationID], goal.isLargeEnough(variation) else { return 0 }
        return 100 * (1 - comparison.adjusted)
    }

    /// The contract's members, but for those that all methods have.
    func members(_ variation: VariationCounts) -> [(String, JSONValue)] {
        let comparison = comparisons[variation.variationID]
        return [
            ("confidence", .double(confidence(variation))),
            ("statistically_significant", .bool(comparison?.isSignificant ?? false)),
            ("estimated_progress", comparison?.plan?.progress.map { .double($0) } ?? .null),
            ("remaining_samples", comparison?.plan?.remaining.map { .integer($0) } ?? .null),
            ("observed_power", comparison.map { .double($0.power) } ?? .null),
            ("powerful", comparison.map { .bool($0.power >= settings.power) } ?? .null),
            ("done", .bool(comparison?.isDone ?? false)),
        ]
    }
}

extension FrequentistSettings {
    /// The test that they ask for.
    var effectTest: any EffectTest { effectTest(alpha: alpha) }

    /// The same at another level, such as that of one comparison of several.
    func effectTest(alpha: Double) -> any EffectTest {
        if test == .sequential { return SequentialTest(alpha: alpha) }
        return FixedHorizonTest(.t, alternative, alpha: alpha)
    }
}

/// A test of an effect.
protocol EffectTest {
    func evaluate(_ effect: Effect) -> TestResult
}

extension FixedHorizonTest: EffectTest {}
extension SequentialTest: EffectTest {}
