import EventStore
import Statistics

/// One metric of a goal, with what visitors did before taken out of it (CUPED): each variation against the baseline.
struct AdjustedFigures: Sendable {
    /// What is known of one variation.
    struct Variation: Sendable {
        let id: Int64
        let isBaseline: Bool
        let visitorsBefore: Int64
        /// Visitors who reached the goal.
        let converters: Int64
        let sample: CovariateSample<VisitorSample>
        /// As they were added up; nil when nobody has anything.
        let sums: ExperimentCovariates.Goal?
    }

    /// What is said of one variation.
    struct Comparison: Sendable {
        let effect: Effect
        let pValue: Double
        /// Of the effect, by the correction for all comparisons.
        let interval: ConfidenceInterval
        /// As it is compared with alpha.
        let adjustedPValue: Double
        let isSignificant: Bool
        /// As a part of the baseline's value; nil where that is 0.
        let relative: (change: Double, interval: ConfidenceInterval)?
    }

    /// Why the history is of no use.
    enum Unusable: String, Sendable {
        case fewVisitors = "fewer than 100 visitors"
        case littleHistory = "fewer than 5% of the visitors did anything about the goal before"
        case nothingExplained = "what visitors did before does not go along with what they did after"
    }

    let metric: ReportMetric
    let variations: [Variation]
    /// Nil where nothing can be told.
    let adjustment: CovariateAdjustment?
    /// Nil where the history is of use.
    let unusable: Unusable?
    /// By variation; those of whom nothing can be told are missing.
    private(set) var comparisons: [Int64: Comparison] = [:]

    static let leastVisitors: Int64 = 100
    /// Of the visitors, as a part of them.
    static let leastShareBefore = 0.05

    init(
        _ metric: ReportMetric, goalID: Int64, _ found: ExperimentCovariates, _ experience: ReportedExperience,
        _ settings: ReportSettings
    ) {
        self.metric = metric
        let scale = metric.amount == .revenue ? ExperimentCounts.revenueScale : 1
        variations = experience.variationIDs.map { id in
            let own = found.goals.filter { $0.variationID == id && $0.goalID == goalID }
            let sums = own.first { $0.amount == metric.amount }
            let converters = own.first { $0.amount == .conversions }?.outcome.sum ?? 0
            return Variation(
                id: id, isBaseline: id == experience.baselineID, visitorsBefore: sums?.visitorsBefore ?? 0,
                converters: Int64(clamping: converters),
                sample: CovariateSample(sums, count: found.visitors[id] ?? 0, scale: scale), sums: sums)
        }
        // A variation of one visitor says nothing of how the two amounts go together.
        adjustment = CovariateAdjustment(variations.map(\.sample).filter { $0.count > 1 })
        let visitors = variations.reduce(0) { $0 + $1.sample.count }
        let before = variations.reduce(0) { $0 + $1.visitorsBefore }
        unusable =
            visitors < Self.leastVisitors
            ? .fewVisitors
            : Double(before) < Self.leastShareBefore * Double(visitors)
                ? .littleHistory : (adjustment?.explained ?? 0) > 0 ? nil : .nothingExplained
        if unusable == nil, case .frequentist(let tests) = settings.statistics { compare(tests, settings) }
    }

    private mutating func compare(_ tests: FrequentistSettings, _ settings: ReportSettings) {
        guard let adjustment, let baseline = variations.first(where: \.isBaseline) else { return }
        let compared = variations.filter { !$0.isBaseline }.map { variation in
            (variation: variation, effect: adjustment.effect(.absolute, of: variation.sample, over: baseline.sample))
        }
        let results = compared.map { $0.effect.map(tests.effectTest.evaluate) }
        // Each comparison counts, whether or not anything can be told of it yet.
        let adjusted = tests.correction.adjusted(results.map { $0?.pValue ?? 1 })
        for (one, (result, pValue)) in zip(compared, zip(results, adjusted)) {
            guard let effect = one.effect, let result else { continue }
            let relative = adjustment.effect(.relative, of: one.variation.sample, over: baseline.sample)
            let level = tests.effectTest(alpha: tests.correction.alpha(tests.alpha, comparisons: compared.count))
            let isLargeEnough = [one.variation, baseline].allSatisfy {
                $0.sample.count >= settings.leastVisitors && $0.converters >= settings.leastConversions
            }
            comparisons[one.variation.id] = Comparison(
                effect: effect, pValue: result.pValue, interval: level.evaluate(effect).interval,
                adjustedPValue: pValue, isSignificant: isLargeEnough && pValue < tests.alpha,
                relative: relative.map { ($0.estimate, level.evaluate($0).interval) })
        }
    }

    /// The variation's value as it would be, had its visitors done before what all visitors did.
    func adjustedMean(_ variation: Variation) -> Double? {
        guard let adjustment, let outcome = variation.sample.outcome.mean, let before = variation.sample.before.mean,
            let all = meanBefore
        else { return nil }
        return outcome - adjustment.coefficient * (before - all)
    }

    /// Of all visitors.
    private var meanBefore: Double? {
        let visitors = variations.reduce(0) { $0 + $1.sample.count }
        guard visitors > 0 else { return nil }
        return variations.reduce(0) { $0 + ($1.sample.before.mean ?? 0) * Double($1.sample.count) } / Double(visitors)
    }
}

extension CovariateSample<VisitorSample> {
    /// - Parameters:
    ///   - sums: nil when nobody has anything.
    ///   - count: visitors, those who have none included.
    ///   - scale: how many of the numbers make one unit.
    fileprivate init(_ sums: ExperimentCovariates.Goal?, count: Int64, scale: Double) {
        let (outcome, before) = (sums?.outcome ?? .zero, sums?.before ?? .zero)
        let excess =
            count > 1 ? CenteredSum.of(sums?.products ?? .zero, outcome.sum, before.sum, count: count) : nil
        self.init(
            outcome: VisitorSample(outcome, count: count, scale: scale),
            before: VisitorSample(before, count: count, scale: scale),
            covariance: excess.map { $0 / Double(count - 1) / (scale * scale) })
    }
}
