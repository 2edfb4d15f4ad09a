import Foundation

/// The chi-square distribution.
public struct ChiSquareDistribution: Sendable {
    /// Positive.
    public let degreesOfFreedom: Double

    /// - Parameter degreesOfFreedom: positive.
    public init(degreesOfFreedom: Double) {
        self.degreesOfFreedom = degreesOfFreedom
    }

    public func density(_ x: Double) -> Double {
        guard x >= 0 else { return 0 }
        let half = degreesOfFreedom / 2
        guard x > 0 else { return half < 1 ? .infinity : half == 1 ? 0.5 : 0 }
        return IncompleteGamma.power(half, x / 2) / x
    }

    /// How likely a value up to `x` is.
    public func lowerTail(_ x: Double) -> Double { x.isNaN ? .nan : IncompleteGamma(degreesOfFreedom / 2, x / 2).lower }

    /// How likely a value from `x` is.
    public func upperTail(_ x: Double) -> Double { x.isNaN ? .nan : IncompleteGamma(degreesOfFreedom / 2, x / 2).upper }

    /// The value that is not exceeded with a probability.
    /// - Parameter probability: between 0 and 1; 0 and infinity at the ends, `nan` outside.
    public func quantile(_ probability: Double) -> Double {
        guard probability >= 0, probability <= 1 else { return .nan }
        if probability == 0 { return 0 }
        if probability == 1 { return .infinity }
        return probability > 0.5
            ? upperQuantile(1 - probability) : point { log(probability / max(lowerTail($0), .leastNonzeroMagnitude)) }
    }

    /// The value that is exceeded with a probability.
    /// - Parameter probability: between 0 and 1.
    public func upperQuantile(_ probability: Double) -> Double {
        guard probability >= 0, probability <= 1 else { return .nan }
        if probability == 0 { return .infinity }
        if probability == 1 { return 0 }
        return probability > 0.5
            ? quantile(1 - probability) : point { log(max(upperTail($0), .leastNonzeroMagnitude) / probability) }
    }

    /// Where a falling function of the value changes its sign, looked for in logarithms.
    private func point(_ falling: (Double) -> Double) -> Double {
        func excess(_ logarithm: Double) -> Double { falling(exp(logarithm)) }
        let start = log(degreesOfFreedom)
        let high = excess(start) > 0 ? Inversion.upperBound(from: start, step: 0.1, of: excess) : start
        let low = excess(start) > 0 ? start : -Inversion.upperBound(from: -start, step: 0.1) { -excess(-$0) }
        return exp(Inversion.root(between: low, and: high, of: excess))
    }
}
