import EventStore
import JSON
import Statistics

/// Everything about one goal that the figures of its variations are made from.
struct GoalFigures: Sendable {
    let goalID: Int64
    /// In the order of the variations.
    let variations: [VariationCounts]
    /// What the others are compared with; nil where nothing is.
    let baseline: VariationCounts?
    let settings: ReportSettings
    /// New visitors and weights.
    let shares: VisitorShares

    init(
        goalID: Int64, _ counts: ExperimentCounts, _ experience: ReportedExperience, _ settings: ReportSettings,
        _ shares: VisitorShares
    ) {
        self.goalID = goalID
        self.settings = settings
        self.shares = shares
        variations = experience.variationIDs.map { id in
            VariationCounts(
                id, visitors: shares.visitors[id] ?? 0,
                counts.goals.first { $0.goalID == goalID && $0.variationID == id })
        }
        baseline = variations.first { $0.variationID == experience.baselineID }
    }

    func isBaseline(_ variation: VariationCounts) -> Bool { variation.variationID == baseline?.variationID }

    /// What is compared with the baseline.
    var compared: [VariationCounts] { baseline == nil ? [] : variations.filter { !isBaseline($0) } }

    /// Whether there are as many visitors and conversions as the settings ask for before anything is called significant.
    func isLargeEnough(_ variation: VariationCounts) -> Bool {
        [variation, baseline ?? variation].allSatisfy {
            $0.visitors >= settings.leastVisitors && $0.converters >= settings.leastConversions
        }
    }

    /// The value's change from the baseline's, as a part of it; nil where there is nothing to compare with.
    func change(_ metric: ReportMetric, of variation: VariationCounts) -> Double? {
        guard let baseline else { return nil }
        if isBaseline(variation) { return 0 }
        let (value, before) = (variation.value(metric) ?? 0, baseline.value(metric) ?? 0)
        if value == before { return 0 }
        return before == 0 ? nil : (value - before) / abs(before)
    }
}

/// How visitors were shared out between the variations, and how they were to be.
struct VisitorShares: Sendable {
    /// By variation.
    let visitors: [Int64: Int64]
    private let history: WeightHistory
    let counts: PeriodVisitors
    private let variationIDs: [Int64]
    private let isChecked: Bool

    /// The contract's threshold: below it, something is wrong with the experience.
    static let threshold = 0.01

    init(_ counts: ExperimentCounts, _ history: WeightHistory, of variationIDs: [Int64], isChecked: Bool) {
        self.history = history
        self.counts = PeriodVisitors(counts.visitors)
        self.variationIDs = variationIDs
        self.isChecked = isChecked
        visitors = counts.visitors.reduce(into: [:]) { $0[$1.variationID, default: 0] += $1.count }
    }

    /// Over these variations; all where none are named.
    /// - Returns: nil where it is not to be checked, or cannot be.
    func mismatch(_ ids: [Int64]? = nil) -> SampleRatioMismatch? {
        isChecked ? SampleRatioMismatch(history.periods(counts, of: ids ?? variationIDs)) : nil
    }

    /// Visitors of variations that were to have none.
    var leaked: Int64 { SampleRatioMismatch.leaked(history.periods(counts, of: variationIDs)) }

    /// Whether so many of them came that it is no accident: a few always do, with what pages have kept of before.
    var isLeaking: Bool {
        let all = visitors.values.reduce(0, +)
        return isChecked && leaked >= Self.leastLeaked && Double(leaked) >= Self.leakedShare * Double(all)
    }

    private static let leastLeaked: Int64 = 10
    /// Of all visitors, as a part of them.
    private static let leakedShare = 0.01

    /// The members `srm` and `srm_pvalue`.
    func members(_ ids: [Int64]? = nil) -> [(String, JSONValue)] {
        guard let mismatch = mismatch(ids) else { return [("srm", .null), ("srm_pvalue", .null)] }
        return [("srm", .bool(mismatch.pValue < Self.threshold)), ("srm_pvalue", .double(mismatch.pValue))]
    }
}
