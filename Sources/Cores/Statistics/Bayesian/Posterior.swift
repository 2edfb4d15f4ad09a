import Foundation

/// What is believed of a quantity once the data are in.
public protocol Posterior: Sendable {
    var mean: Double { get }
    var variance: Double { get }
    /// Where the quantity can be at all.
    var support: ClosedRange<Double> { get }
    func density(_ x: Double) -> Double
    /// How likely the quantity is to be up to `x`.
    func lowerTail(_ x: Double) -> Double
    /// How likely the quantity is to be from `x`.
    func upperTail(_ x: Double) -> Double
    func quantile(_ probability: Double) -> Double
}

extension Posterior {
    /// The range that holds the quantity with a probability, as much being left out on either side.
    public func interval(_ probability: Double) -> ConfidenceInterval {
        let tail = (1 - probability) / 2
        return ConfidenceInterval(lower: quantile(tail), upper: quantile(1 - tail))
    }
}

extension BetaDistribution: Posterior {
    /// Of a rate of which nothing was believed before: every rate was as likely.
    public init(_ sample: ProportionSample) {
        self.init(alpha: Double(sample.successes) + 1, beta: Double(sample.count - sample.successes) + 1)
    }

    public var support: ClosedRange<Double> { 0...1 }
}

/// What is believed of an effect, or of a mean, in the shape of a normal distribution.
public struct NormalPosterior: Posterior, Equatable {
    public let mean: Double
    public let variance: Double

    /// - Parameter variance: positive.
    public init(mean: Double, variance: Double) {
        self.mean = mean
        self.variance = variance
    }

    /// - Parameter prior: what was believed before; nil when nothing was.
    public init(_ effect: Effect, prior: NormalPosterior? = nil) {
        guard let prior else {
            self.init(mean: effect.estimate, variance: effect.variance)
            return
        }
        let precision = 1 / effect.variance + 1 / prior.variance
        self.init(
            mean: (effect.estimate / effect.variance + prior.mean / prior.variance) / precision, variance: 1 / precision
        )
    }

    public var standardDeviation: Double { variance.squareRoot() }

    public var support: ClosedRange<Double> { -Double.infinity...Double.infinity }

    public func density(_ x: Double) -> Double {
        NormalDistribution.density((x - mean) / standardDeviation) / standardDeviation
    }

    public func lowerTail(_ x: Double) -> Double { NormalDistribution.lowerTail((x - mean) / standardDeviation) }

    public func upperTail(_ x: Double) -> Double { NormalDistribution.upperTail((x - mean) / standardDeviation) }

    public func quantile(_ probability: Double) -> Double {
        mean + standardDeviation * NormalDistribution.quantile(probability)
    }

    /// How likely the effect is to be above zero: the chance to win, of a goal of which more is better.
    public var chanceAboveZero: Double { NormalDistribution.lowerTail(mean / standardDeviation) }

    /// What is lost on average by taking the variation, should the baseline be better.
    public var expectedLossOfVariation: Double { standardDeviation * Self.expectedExcess(mean / standardDeviation) }

    /// What is lost on average by staying with the baseline, should the variation be better.
    public var expectedLossOfBaseline: Double { standardDeviation * Self.expectedExcess(-mean / standardDeviation) }

    /// The mean of how far a standard normal value is beyond `z`, those before it counting as 0.
    static func expectedExcess(_ z: Double) -> Double {
        guard z > 2 else { return NormalDistribution.density(z) - z * NormalDistribution.upperTail(z) }
        // Laplace's continued fraction of the tail, in which the two terms above do not cancel.
        let rest = 1 / ContinuedFraction.value(first: z) { (Double($0 + 1), z) }
        return NormalDistribution.density(z) * rest / (z + rest)
    }
}
