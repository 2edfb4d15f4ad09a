import Foundation

/// How new visitors are shared out between variations by what is known of them so far.
public enum Bandit: Sendable, Equatable {
    /// Each gets as large a share as it is likely to be the best: what drawing from the posteriors would give on average,
    /// by integration, so that nothing is left to chance and the shares can be recomputed.
    case thompsonSampling
    /// The best gets all but a part, which is shared out evenly.
    case epsilonGreedy(explorationRate: Double)
    /// The one that could be the best gets all; the less is known of one, the better it could be.
    case upperConfidenceBound

    /// The least visitors of each variation before anything is moved.
    public static let leastVisitors: Int64 = 100
    /// The least share of each variation, so that a bad start can be made up for.
    public static let leastShare = 0.01

    /// - Parameter beliefs: of the variations' values, in their order; nil for normal ones around the means. Of rates they
    ///   say more than those: with nobody converted yet, a rate does not vary, and still is not known.
    /// - Returns: shares in the order of the variations, together 1; nil while one has too few visitors.
    public func shares(_ samples: [some Sample], beliefs: [any Posterior]? = nil) -> [Double]? {
        guard !samples.isEmpty, samples.allSatisfy({ $0.count >= Self.leastVisitors }) else { return nil }
        let means = samples.compactMap(\.mean)
        guard means.count == samples.count, let greatest = means.max(), let least = means.min() else { return nil }
        let even = 1 / Double(samples.count)
        let isKnownAlike = Set(samples.map(\.count)).count == 1 || self != .thompsonSampling
        if greatest == least, isKnownAlike { return [Double](repeating: even, count: samples.count) }
        switch self {
        case .thompsonSampling:
            guard let beliefs = beliefs ?? Self.beliefs(samples) else {
                return greatest > least
                    ? Self.shares(ofBest: means, rest: 0) : [Double](repeating: even, count: samples.count)
            }
            return Self.floored(BestOf.chances(beliefs))
        case .epsilonGreedy(let rate): return Self.shares(ofBest: means, rest: min(max(rate, 0), 1))
        case .upperConfidenceBound:
            // For rewards between 0 and 1, which others are brought into.
            let total = samples.reduce(0) { $0 + Double($1.count) }
            let bounds = zip(means, samples).map { mean, sample in
                let reward = (0...1).contains(least) && greatest <= 1 ? mean : (mean - least) / (greatest - least)
                return reward + (2 * log(total) / Double(sample.count)).squareRoot()
            }
            return Self.shares(ofBest: bounds, rest: 0)
        }
    }

    /// Normal ones around the means. Where all visitors of a variation are worth the same, the others say how much visitors vary.
    /// - Returns: nil where none vary.
    private static func beliefs(_ samples: [some Sample]) -> [NormalPosterior]? {
        let weights = samples.map { Double($0.count - 1) }
        let pooled = zip(samples, weights).reduce(0) { $0 + ($1.0.variance ?? 0) * $1.1 } / weights.reduce(0, +)
        guard pooled > 0, pooled.isFinite else { return nil }
        return samples.map { sample in
            let own = sample.varianceOfMean ?? 0
            return NormalPosterior(mean: sample.mean ?? 0, variance: own > 0 ? own : pooled / Double(sample.count))
        }
    }

    private static func shares(ofBest values: [Double], rest: Double) -> [Double] {
        let best = values.indices.max { values[$0] < values[$1] }
        let even = rest / Double(values.count)
        return floored(values.indices.map { $0 == best ? 1 - rest + even : even })
    }

    private static func floored(_ shares: [Double]) -> [Double] {
        let sum = shares.reduce(0, +)
        let free = 1 - leastShare * Double(shares.count)
        guard free > 0, sum > 0 else { return shares.map { _ in 1 / Double(shares.count) } }
        return shares.map { leastShare + free * $0 / sum }
    }
}
