/// How far a variation is from the baseline, and how sure that is.
public struct Effect: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        /// The means' difference.
        case absolute
        /// The means' difference as a part of the baseline's mean: 0.2 is a fifth more.
        case relative
    }

    public let estimate: Double
    /// Of the estimate: the square of its standard error.
    public let variance: Double
    /// As Welch approximates them, for means whose variances differ.
    public let degreesOfFreedom: Double
    /// Visitors of both.
    public let count: Int64

    public init(estimate: Double, variance: Double, degreesOfFreedom: Double, count: Int64) {
        self.estimate = estimate
        self.variance = variance
        self.degreesOfFreedom = degreesOfFreedom
        self.count = count
    }

    public var standardError: Double { variance.squareRoot() }

    /// - Returns: nil where it cannot be told: one of them has fewer than two visitors, nobody differs from anybody, or a
    ///   part of a baseline of 0 is asked for.
    public init?(_ kind: Kind, of variation: some Sample, over baseline: some Sample) {
        guard let mean = variation.mean, let baselineMean = baseline.mean, let own = variation.varianceOfMean,
            let baselines = baseline.varianceOfMean
        else { return nil }
        let difference = mean - baselineMean
        switch kind {
        case .absolute:
            estimate = difference
            variance = own + baselines
        case .relative:
            // The delta method; the two are independent.
            guard baselineMean != 0 else { return nil }
            let ratio = mean / baselineMean
            estimate = difference / abs(baselineMean)
            variance = (own + baselines * ratio * ratio) / (baselineMean * baselineMean)
        }
        guard variance > 0, variance.isFinite, estimate.isFinite else { return nil }
        degreesOfFreedom = Self.welch(own, variation.count, baselines, baseline.count)
        count = variation.count + baseline.count
    }

    /// Source: B. L. Welch, Biometrika 34 (1947), with the variances of the two means.
    private static func welch(_ first: Double, _ firstCount: Int64, _ second: Double, _ secondCount: Int64) -> Double {
        // As parts of their sum, so that no square is too large or too small.
        let share = first / (first + second)
        let other = second / (first + second)
        return 1 / (share * share / Double(firstCount - 1) + other * other / Double(secondCount - 1))
    }
}
