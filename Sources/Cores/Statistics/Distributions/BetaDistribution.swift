import Foundation

/// The beta distribution: of a rate that is unknown, between 0 and 1.
public struct BetaDistribution: Sendable {
    /// Positive; of a rate, one more than the times that it happened.
    public let alpha: Double
    /// Positive; of a rate, one more than the times that it did not.
    public let beta: Double

    /// - Parameters:
    ///   - alpha: positive.
    ///   - beta: positive.
    public init(alpha: Double, beta: Double) {
        self.alpha = alpha
        self.beta = beta
    }

    public var mean: Double { alpha / (alpha + beta) }

    public var variance: Double {
        let sum = alpha + beta
        return alpha / sum * (beta / sum) / (sum + 1)
    }

    public func density(_ x: Double) -> Double {
        guard x >= 0, x <= 1 else { return 0 }
        guard x > 0 else { return Self.densityAtEnd(alpha, other: beta) }
        guard x < 1 else { return Self.densityAtEnd(beta, other: alpha) }
        return IncompleteBeta.power(alpha, beta, x, 1 - x) / (x * (1 - x))
    }

    /// How likely a value up to `x` is.
    public func lowerTail(_ x: Double) -> Double {
        x.isNaN ? .nan : IncompleteBeta(alpha, beta, min(max(x, 0), 1), complement: min(max(1 - x, 0), 1)).lower
    }

    /// How likely a value from `x` is.
    public func upperTail(_ x: Double) -> Double {
        x.isNaN ? .nan : IncompleteBeta(alpha, beta, min(max(x, 0), 1), complement: min(max(1 - x, 0), 1)).upper
    }

    /// The value that is not exceeded with a probability.
    /// - Parameter probability: between 0 and 1; `nan` outside.
    public func quantile(_ probability: Double) -> Double {
        guard probability >= 0, probability <= 1 else { return .nan }
        if probability == 0 { return 0 }
        if probability == 1 { return 1 }
        if probability > 0.5 {
            let mirrored = BetaDistribution(alpha: beta, beta: alpha).logarithmOfQuantile(1 - probability)
            return -expm1(mirrored)
        }
        return exp(logarithmOfQuantile(probability))
    }

    /// - Parameter probability: above 0, at most 0.5.
    private func logarithmOfQuantile(_ probability: Double) -> Double {
        func excess(_ logarithm: Double) -> Double {
            let tails = IncompleteBeta(alpha, beta, exp(logarithm), complement: -expm1(logarithm))
            return log(max(tails.lower, .leastNonzeroMagnitude) / probability)
        }
        let start = log(mean)
        let high = excess(start) >= 0 ? start : 0
        let low = -Inversion.upperBound(from: -start, step: 0.1) { excess(-$0) }
        return Inversion.root(between: low, and: high, of: excess)
    }

    private static func densityAtEnd(_ own: Double, other: Double) -> Double {
        own < 1 ? .infinity : own == 1 ? other : 0
    }
}
