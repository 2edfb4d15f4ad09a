import Foundation

/// Student's t distribution.
public struct StudentDistribution: Sendable {
    /// Positive; need not be whole, as Welch's are not.
    public let degreesOfFreedom: Double

    /// - Parameter degreesOfFreedom: positive.
    public init(degreesOfFreedom: Double) {
        self.degreesOfFreedom = degreesOfFreedom
    }

    public func density(_ t: Double) -> Double {
        let n = degreesOfFreedom
        let logarithm =
            -(n + 1) / 2 * log1p(t / n * t) - 0.5 * log(n) - IncompleteBeta.logarithmOfBeta(n / 2, 0.5)
        return exp(logarithm)
    }

    /// How likely a value up to `t` is.
    public func lowerTail(_ t: Double) -> Double { upperTail(-t) }

    /// How likely a value from `t` is.
    public func upperTail(_ t: Double) -> Double {
        if t.isNaN { return .nan }
        let beyond = beyond(abs(t)) / 2
        return t > 0 ? beyond : 1 - beyond
    }

    /// How likely a value at least as far from zero as `t` is.
    public func bothTails(_ t: Double) -> Double { beyond(abs(t)) }

    /// The value that is not exceeded with a probability.
    /// - Parameter probability: between 0 and 1; minus infinity and infinity at the ends, `nan` outside.
    public func quantile(_ probability: Double) -> Double {
        probability > 0.5 ? upperQuantile(1 - probability) : -upperQuantile(probability)
    }

    /// The value that is exceeded with a probability.
    /// - Parameter probability: between 0 and 1.
    public func upperQuantile(_ probability: Double) -> Double {
        guard probability >= 0, probability <= 1 else { return .nan }
        if probability > 0.5 { return -upperQuantile(1 - probability) }
        if probability == 0 { return .infinity }
        if probability == 0.5 { return 0 }
        guard probability < 0.4 else {
            let high = Inversion.upperBound(from: 0, step: 1) { upperTail($0) - probability }
            return Inversion.root(between: 0, and: high) { upperTail($0) - probability }
        }
        // Its tails are above the normal distribution's, and almost straight in logarithms.
        let low = log(NormalDistribution.upperQuantile(probability))
        func excess(_ logarithm: Double) -> Double {
            log(max(upperTail(exp(logarithm)), .leastNonzeroMagnitude) / probability)
        }
        guard excess(low) > 0 else { return exp(low) }
        guard excess(log(.greatestFiniteMagnitude)) < 0 else { return .infinity }
        let high = Inversion.upperBound(from: low, step: 0.1, of: excess)
        return exp(Inversion.root(between: low, and: high, of: excess))
    }

    private func beyond(_ t: Double) -> Double {
        let n = degreesOfFreedom
        guard t < 1e150 else {
            // The square is beyond what a number can hold; so far out the tail is a power.
            return t < .infinity
                ? exp(n / 2 * log(n) - n * log(t) - log(n / 2) - IncompleteBeta.logarithmOfBeta(n / 2, 0.5)) : 0
        }
        let square = t * t
        return IncompleteBeta(n / 2, 0.5, n / (n + square), complement: square / (n + square)).lower
    }
}
