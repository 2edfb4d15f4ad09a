import Foundation
import Statistics

/// What is measured of the visitors of a simulated shop.
enum Outcome: String, Sendable, CaseIterable {
    /// Whether somebody buys.
    case conversion
    /// For how much: most for nothing, a few for a lot.
    case revenue
}

/// Visitors of whom a part buys, for amounts that are lognormal.
struct Population: Sendable {
    /// How many of them buy, between 0 and 1.
    var rate: Double
    /// What amounts are multiplied by.
    var price = 1.0
    /// Standard deviation of an amount's logarithm: with 1, one in a hundred is ten times the median.
    var spread = 1.0

    func mean(_ outcome: Outcome) -> Double {
        switch outcome {
        case .conversion: rate
        case .revenue: rate * price * exp(spread * spread / 2)
        }
    }

    /// Between visitors.
    func variance(_ outcome: Outcome) -> Double {
        let mean = mean(outcome)
        switch outcome {
        case .conversion: return mean * (1 - mean)
        case .revenue: return rate * price * price * exp(2 * spread * spread) - mean * mean
        }
    }

    /// So many visitors, drawn.
    func draw(_ visitors: Int, _ outcome: Outcome, _ generator: inout SplitMix) -> Tally {
        var tally = Tally(visitors: Int64(visitors))
        // How many do not buy before the next one who does is geometric: nobody needs to look at them.
        let logarithm = log1p(-rate)
        var place = (log(generator.uniform()) / logarithm).rounded(.down)
        while place < Double(visitors) {
            tally.buyers += 1
            if outcome == .revenue { tally.add(price * exp(spread * generator.normal())) }
            place += 1 + (log(generator.uniform()) / logarithm).rounded(.down)
        }
        return tally
    }
}

/// What is known of the visitors of a variation.
struct Tally: Sendable {
    var visitors: Int64 = 0
    var buyers: Int64 = 0
    private var revenue = 0.0
    private var squares = 0.0

    init(visitors: Int64 = 0) {
        self.visitors = visitors
    }

    mutating func add(_ amount: Double) {
        revenue += amount
        squares += amount * amount
    }

    static func += (tally: inout Tally, other: Tally) {
        tally.visitors += other.visitors
        tally.buyers += other.buyers
        tally.revenue += other.revenue
        tally.squares += other.squares
    }

    func sample(_ outcome: Outcome) -> any Sample {
        switch outcome {
        case .conversion: ProportionSample(count: visitors, successes: buyers)
        case .revenue: MeanSample(count: visitors, sum: revenue, sumOfSquares: squares)
        }
    }
}
