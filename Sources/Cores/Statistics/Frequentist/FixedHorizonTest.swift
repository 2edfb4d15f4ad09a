/// A test for a number of visitors that was fixed in advance. Who looks again and again until it shows something finds
/// what is not there; ``SequentialTest`` is for that.
public struct FixedHorizonTest: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        /// Welch's t test.
        case t
        /// The test by the normal distribution.
        case z
    }

    public let kind: Kind
    public let alternative: Alternative
    /// How often there may be an alarm without an effect: 0.05 goes with a confidence of 95%.
    public let alpha: Double

    /// - Parameter alpha: between 0 and 1, both excluded.
    public init(_ kind: Kind = .t, _ alternative: Alternative = .twoSided, alpha: Double) {
        self.kind = kind
        self.alternative = alternative
        self.alpha = alpha
    }

    public func evaluate(_ effect: Effect) -> TestResult {
        let score = effect.estimate / effect.standardError
        let student = StudentDistribution(degreesOfFreedom: effect.degreesOfFreedom)
        let upperTail = kind == .t ? student.upperTail : NormalDistribution.upperTail
        let pValue =
            switch alternative {
            case .twoSided: min(2 * upperTail(abs(score)), 1)
            case .greater: upperTail(score)
            case .less: upperTail(-score)
            }
        return TestResult(
            pValue: pValue,
            interval: ConfidenceInterval(effect.estimate, halfWidth: halfWidth(effect), alternative))
    }

    /// How far the interval's ends are from the estimate.
    func halfWidth(_ effect: Effect) -> Double {
        let tail = alternative == .twoSided ? alpha / 2 : alpha
        let quantile =
            kind == .t
            ? StudentDistribution(degreesOfFreedom: effect.degreesOfFreedom).upperQuantile(tail)
            : NormalDistribution.upperQuantile(tail)
        return quantile * effect.standardError
    }
}
