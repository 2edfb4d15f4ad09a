import Foundation

/// A test that holds however often one looks: an asymptotic confidence sequence.
///
/// Source: I. Waudby-Smith and others, Time-uniform central limit theory and asymptotic confidence sequences,
/// arXiv 2103.06476, equation 9; the p-value is equation 155.
public struct SequentialTest: Sendable, Equatable {
    public let alternative: Alternative
    /// How often there may ever be an alarm without an effect.
    public let alpha: Double
    /// Visitors at which the intervals are narrowest; fixed for an experiment's life.
    public let tuningCount: Double

    /// - Parameters:
    ///   - alpha: between 0 and 1, both excluded; below 0.5 when it is one-sided.
    ///   - tuningCount: positive.
    public init(_ alternative: Alternative = .twoSided, alpha: Double, tuningCount: Double = 5_000) {
        self.alternative = alternative
        self.alpha = alpha
        self.tuningCount = tuningCount
    }

    public func evaluate(_ effect: Effect) -> TestResult {
        TestResult(
            pValue: pValue(effect),
            interval: ConfidenceInterval(
                effect.estimate, halfWidth: halfWidth(effect, alpha: alpha), alternative))
    }

    private func halfWidth(_ effect: Effect, alpha: Double) -> Double {
        // N times the variance is the variance of one visitor's share in the estimate, and N cancels.
        effect.standardError * threshold(count: Double(effect.count), level: alpha)
    }

    /// Standard errors that an estimate must be away from zero for a p-value below a level.
    /// - Parameters:
    ///   - count: visitors of all samples together; positive.
    ///   - level: between 0 and 1, both excluded. The mixture stays that of the test, or the sequence would be another.
    public func threshold(count: Double, level alpha: Double) -> Double {
        let mixture = mixture(count)
        let logarithm =
            alternative == .twoSided
            ? 0.5 * log1p(mixture) - log(alpha) : log1p((mixture + 1).squareRoot() / (2 * alpha))
        return (2 * (mixture + 1) / mixture * logarithm).squareRoot()
    }

    /// N r^2: how much weight small effects get, by the visitors there are.
    private func mixture(_ count: Double) -> Double {
        let surprise = -2 * log(alternative == .twoSided ? alpha : 2 * alpha)
        return count * (surprise + log1p(surprise)) / tuningCount
    }

    private func pValue(_ effect: Effect) -> Double {
        let score = effect.estimate / effect.standardError
        guard alternative != .twoSided else {
            let mixture = mixture(Double(effect.count))
            let evidence = score * score * mixture / (2 * (mixture + 1)) - 0.5 * log1p(mixture)
            return min(exp(-evidence), 1)
        }
        return oneSided(alternative == .greater ? score : -score, effect)
    }

    /// The least alpha whose interval leaves out zero; it has no closed form.
    private func oneSided(_ score: Double, _ effect: Effect) -> Double {
        func excess(_ logarithm: Double) -> Double {
            score - halfWidth(effect, alpha: exp(logarithm)) / effect.standardError
        }
        let most = log(Self.mostOneSided)
        guard score > 0, excess(most) > 0 else { return 1 }
        guard excess(Self.leastLogarithm) < 0 else { return exp(Self.leastLogarithm) }
        return exp(Inversion.root(between: Self.leastLogarithm, and: most, of: excess))
    }

    /// One-sided sequences are for less than 0.5.
    private static let mostOneSided = 0.4999
    private static let leastLogarithm = -690.0
}
