/// Takes out of the outcome what visitors' amounts before the experiment explain (CUPED).
///
/// Source: A. Deng and others, Improving the sensitivity of online controlled experiments by utilizing pre-experiment data
/// (2013).
public struct CovariateAdjustment: Sendable, Equatable {
    /// What is taken from the outcome for each unit of the amount before.
    public let coefficient: Double
    /// The part of the outcome's variance within variations that is taken out, from 0 to 1.
    public let explained: Double

    /// From all variations together, so that it is the same for each.
    /// - Returns: nil where the amounts before do not differ, or nobody can tell.
    public init?(_ samples: [CovariateSample<some Sample>]) {
        var (covariance, variance, outcomes) = (0.0, 0.0, 0.0)
        for sample in samples {
            guard let own = sample.covariance, let before = sample.before.variance,
                let outcome = sample.outcome.variance
            else { return nil }
            let freedom = Double(sample.count - 1)
            covariance += own * freedom
            variance += before * freedom
            outcomes += outcome * freedom
        }
        guard variance > 0 else { return nil }
        coefficient = covariance / variance
        explained = outcomes > 0 ? min(coefficient * covariance / outcomes, 1) : 0
        guard coefficient.isFinite, explained.isFinite else { return nil }
    }

    /// The effect on the outcome.
    /// - Returns: nil as for ``Effect/init(_:of:over:)``.
    public func effect<Amount>(
        _ kind: Effect.Kind, of variation: CovariateSample<Amount>, over baseline: CovariateSample<Amount>
    ) -> Effect? {
        guard let mean = adjustedMean(variation), let baselineMean = adjustedMean(baseline),
            let unadjusted = baseline.outcome.mean, let outcome = variation.outcome.mean,
            let plain = Effect(.absolute, of: variation.outcome, over: baseline.outcome)
        else { return nil }
        let difference = mean - baselineMean
        // A relative effect divides by the baseline's mean as it is, which varies, too.
        let scale = kind == .absolute ? 1 : abs(unadjusted)
        let ratio = kind == .absolute ? 1 : outcome / unadjusted
        guard scale > 0, let own = variance(variation, outcomeFactor: 1),
            let baselines = variance(baseline, outcomeFactor: ratio)
        else { return nil }
        let variance = (own / Double(variation.count) + baselines / Double(baseline.count)) / (scale * scale)
        guard variance > 0, variance.isFinite else { return nil }
        return Effect(
            estimate: difference / scale, variance: variance, degreesOfFreedom: plain.degreesOfFreedom,
            count: plain.count)
    }

    private func adjustedMean(_ sample: CovariateSample<some Sample>) -> Double? {
        guard let outcome = sample.outcome.mean, let before = sample.before.mean else { return nil }
        return outcome - coefficient * before
    }

    /// Of `outcomeFactor * outcome - coefficient * before` between visitors.
    private func variance(_ sample: CovariateSample<some Sample>, outcomeFactor: Double) -> Double? {
        guard let outcome = sample.outcome.variance, let before = sample.before.variance,
            let covariance = sample.covariance
        else { return nil }
        let value =
            outcomeFactor * outcomeFactor * outcome + coefficient * coefficient * before
            - 2 * outcomeFactor * coefficient * covariance
        return max(value, 0)
    }
}
