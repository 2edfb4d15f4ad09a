import Statistics

/// How many visitors a comparison needs.
struct SamplePlan: Sendable, Equatable {
    /// Of both variations together; nil when no number is enough, or more than can be counted.
    let needed: Int64?
    /// Of both variations together.
    let present: Int64
    /// Of the means, that is to be shown.
    let difference: Double

    /// - Parameters:
    ///   - difference: of the means, that is to be shown.
    ///   - visitorsOfEach: how many visitors of each variation that needs, by the variances between visitors; nil where no
    ///     number is enough.
    init(
        difference: Double, _ sample: VisitorSample, _ baseline: VisitorSample,
        visitorsOfEach: (_ variances: (Double, Double)) -> Int64?
    ) {
        self.difference = difference
        present = sample.count.addingReportingOverflow(baseline.count).partialValue
        guard let own = sample.variance, let baselines = baseline.variance, difference != 0, difference.isFinite,
            let each = visitorsOfEach((own, baselines))
        else {
            needed = nil
            return
        }
        let (both, isLost) = each.multipliedReportingOverflow(by: 2)
        needed = isLost ? nil : both
    }

    /// Visitors that are still to come.
    var remaining: Int64? { needed.map { max($0 - present, 0) } }

    /// Percent of what is needed that is there.
    var progress: Double? { needed.map { min(Double(present) / Double(max($0, 1)), 1) * 100 } }
}

extension GoalFigures {
    /// How far a variation is from the baseline.
    /// - Returns: nil where nothing can be told.
    func effect(_ metric: ReportMetric, of variation: VariationCounts) -> Effect? {
        guard let baseline else { return nil }
        let (own, before) = (variation.sample(metric.amount), baseline.sample(metric.amount))
        if let effect = Effect(.absolute, of: own, over: before) { return effect }
        // Everybody here and nobody there: neither varies, and still they differ. Pooled, they vary.
        guard metric == .conversionRate, own.count > 1, before.count > 1, let mean = own.mean,
            let baselineMean = before.mean, mean != baselineMean
        else { return nil }
        let (count, baselineCount) = (Double(own.count), Double(before.count))
        let pooled = (Double(variation.converters) + Double(baseline.converters)) / (count + baselineCount)
        return Effect(
            estimate: mean - baselineMean, variance: pooled * (1 - pooled) * (1 / count + 1 / baselineCount),
            degreesOfFreedom: count + baselineCount - 2, count: own.count + before.count)
    }
}
