import EventStore
import JSON
package import Resources
import Statistics

extension ReportService {
    /// How an experience stands.
    /// - Parameter afterHorizon: whether the number of visitors that a test of a fixed number was planned for has been passed
    ///   without a decision. From then on only a test that may be looked at any time says anything.
    /// - Throws: `ExperimentsError` for an experience that is not there.
    package func conclusion(
        _ experienceID: Int64, _ scope: ResourceScope, afterHorizon: Bool = false
    ) async throws -> Conclusion {
        var plan = try await plan(experienceID, JSONObject(), scope)
        if afterHorizon { plan.settings.statistics.allowAnyLook() }
        let counts = try await events.counts(plan.query(plan.experience.goalIDs))
        let report = AggregatedReport(
            plan.experience, plan.settings, counts, plan.history, goals: plan.experience.goalIDs, metrics: [])
        let metric = plan.settings.primaryMetric
        let running = plan.experience.runningVariationIDs
        var rules = plan.settings.rules
        rules.allowsAnyLook = plan.settings.statistics.allowsAnyLook
        let primary = plan.experience.primaryGoalID
        return Conclusion(
            goals: report.goals.map { $0.conclusion(metric) },
            isMismatched: (report.shares.mismatch()?.pValue ?? 1) < VisitorShares.threshold,
            leakedVisitors: report.shares.isLeaking ? report.shares.leaked : 0, rules: rules,
            isRunning: plan.experience.isRunning, startedAt: plan.experience.start,
            weights: plan.history.current.filter { running.contains($0.key) }, primaryGoalID: primary,
            shares: plan.settings.bandit.flatMap { bandit in
                report.goals.first { $0.goalID == primary }.flatMap { Self.shares($0, metric, bandit, plan.experience) }
            })
    }

    /// What the settings of an experience, and of its project, say about acting on results.
    /// - Parameter environment: the only environment whose experiences the caller may look at; nil for all.
    /// - Throws: `ExperimentsError` for an experience that is not there.
    package func rules(
        of experienceID: Int64, environment: String?, _ scope: ResourceScope
    ) async throws -> DecisionRules {
        let plan = try await plan(experienceID, JSONObject(), scope)
        try plan.experience.check(isIn: environment)
        return plan.settings.rules
    }

    /// Of the variations that run.
    private static func shares(
        _ goal: GoalFigures, _ metric: ReportMetric, _ bandit: Bandit, _ experience: ReportedExperience
    ) -> [Int64: Double]? {
        let running = goal.variations.filter { experience.runningVariationIDs.contains($0.variationID) }
        let samples = running.map { $0.sample(metric.amount) }
        let rates = metric == .conversionRate ? running.map { BetaDistribution($0.conversions) } : nil
        guard let shares = bandit.shares(samples, beliefs: rates) else { return nil }
        return Dictionary(zip(running.map(\.variationID), shares)) { first, _ in first }
    }
}
