package import ProjectDocuments
import Time

/// How an experience stands, goal by goal: what lists show of it, and what is decided by.
package struct Conclusion: Sendable {
    /// In the order of the experience's goals.
    package let goals: [GoalConclusion]
    /// Whether visitors were shared out otherwise than they were to be: then nothing is to be decided by the figures.
    package let isMismatched: Bool
    /// Visitors of variations that were to have none, where they are too many to be an accident; else 0.
    package let leakedVisitors: Int64
    /// What the experience and its project say about deciding.
    package let rules: DecisionRules
    /// Whether it runs.
    package let isRunning: Bool
    /// Unix seconds; nil before the first start.
    package let startedAt: Int64?
    /// Variations that new visitors may get, and their shares in percent.
    package let weights: [Int64: Double]
    package let primaryGoalID: Int64?
    /// How the shares of the variations would follow from what is known, by variation; nil where they are not to follow, and
    /// while too little is known.
    package let shares: [Int64: Double]?
}

extension Conclusion {
    /// By the goal that the experience is judged by.
    package var primary: GoalConclusion? { goals.first { $0.goalID == primaryGoalID } }
}

/// What the settings say about acting on figures (contract schema `ExperienceReportingSettings`).
package struct DecisionRules: Sendable, Equatable {
    /// A winner gets all new visitors.
    package var keepsWinner = false
    /// Losing variations are stopped.
    package var stopsLosers = false
    /// How long it runs, and for how many visitors.
    package var limits = RunningLimits(ExperienceSettings(nil), ProjectReportingSettings(nil))
    /// The planned number of visitors alone does not end an experience.
    package var needsSignificance = false
    /// New visitors' shares follow from what is known.
    package var reallocates = false
    /// The figures may be looked at any time: a sequential test, or a Bayesian one. Others tell what they say they do only when
    /// they are looked at once, at the horizon that was set before.
    package var allowsAnyLook = false

    package init() {}

    package var actsOnResults: Bool { keepsWinner || stopsLosers }
    /// Days before anything is done.
    package var leastDays: Int64 { limits.leastDays.value }
}

/// How an experience stands by one goal and the metric that it is judged by.
package struct GoalConclusion: Sendable {
    package let goalID: Int64
    /// As the contract names it (`MetricTypes`).
    package let metric: String
    package let methodology: String
    /// In their order, the baseline too.
    package let variations: [VariationConclusion]

    package var visitors: Int64 { variations.reduce(0) { $0.addingSaturating($1.visitors) } }
    package var conversions: Int64 { variations.reduce(0) { $0.addingSaturating($1.conversions) } }

    /// The best improvement of any variation, in percent; nil while none is known.
    package var improvement: Double? { variations.filter { !$0.isBaseline }.compactMap(\.improvement).max() }
}

/// What can be said of one variation.
package struct VariationConclusion: Sendable, Equatable {
    /// Against the baseline (contract schema `ExperienceExtended`, `test_result`).
    package enum TestResult: String, Sendable {
        case winner
        case losing
        /// Nothing is known yet.
        case notConcluded
        /// As many visitors came as were planned, and there is no difference to be seen.
        case noChange
    }

    package let variationID: Int64
    package let isBaseline: Bool
    package let visitors: Int64
    package let conversions: Int64
    /// Percent of the baseline's value; nil where there is nothing to compare with.
    package let improvement: Double?
    /// Percent: how likely it is better than the baseline; 0 while that is not known.
    package let chance: Double
    package let result: TestResult
    /// Nil where nobody has ordered anything.
    package let revenuePerVisitor: Double?
    /// What the result follows from, by the names that reports have for them.
    package let pValue: Double?
    /// Visitors of the variation and the baseline that were planned for have come; false without a plan.
    package let hasPlannedVisitors: Bool
    /// As many visitors and conversions as the settings ask for.
    package let isLargeEnough: Bool
}
