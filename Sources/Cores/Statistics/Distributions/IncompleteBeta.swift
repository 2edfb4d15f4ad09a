import Foundation

/// The regularized incomplete beta function I(x; a, b) and 1 - I(x; a, b), each exact where it is small.
///
/// Source: A. R. Didonato and A. H. Morris, ACM Transactions on Mathematical Software 18 (1992), algorithm 708: their
/// continued fraction, and their form of the power before it, in which nothing cancels for large parameters.
struct IncompleteBeta {
    let lower: Double
    let upper: Double

    /// - Parameters:
    ///   - a: positive.
    ///   - b: positive.
    ///   - x: between 0 and 1.
    ///   - complement: `1 - x`, which the caller may know better than by subtracting.
    init(_ a: Double, _ b: Double, _ x: Double, complement y: Double) {
        guard x > 0 else {
            (lower, upper) = (0, 1)
            return
        }
        guard y > 0 else {
            (lower, upper) = (1, 0)
            return
        }
        if a * y > b * x {
            let value = min(Self.power(a, b, x, y) * Self.fraction(a, b, x, y), 1)
            (lower, upper) = (value, 1 - value)
        } else {
            let value = min(Self.power(b, a, y, x) * Self.fraction(b, a, y, x), 1)
            (lower, upper) = (1 - value, value)
        }
    }

    /// `x^a y^b / B(a, b)` with `y = 1 - x`.
    static func power(_ a: Double, _ b: Double, _ x: Double, _ y: Double) -> Double {
        let least = StirlingCorrection.least
        guard a >= least, b >= least else {
            let logarithmX = x < 0.5 ? log(x) : log1p(-y)
            let logarithmY = y < 0.5 ? log(y) : log1p(-x)
            return exp(a * logarithmX + b * logarithmY - logarithmOfBeta(a, b))
        }
        let sum = a + b
        let gaps = a * logarithmicGap(x * sum, to: a) + b * logarithmicGap(y * sum, to: b)
        return exp(-gaps - correction(a, b)) * (a / sum * b / (2 * .pi)).squareRoot()
    }

    /// `ln B(a, b)`
    static func logarithmOfBeta(_ first: Double, _ second: Double) -> Double {
        let (a, b) = (min(first, second), max(first, second))
        let least = StirlingCorrection.least
        guard b >= least else { return lgamma(a) + lgamma(b) - lgamma(a + b) }
        guard a >= least else {
            let difference = StirlingCorrection.value(b) - StirlingCorrection.value(a + b)
            return lgamma(a) - (b - 0.5) * log1p(a / b) - a * log(a + b) + a + difference
        }
        return 0.5 * log(2 * .pi / b) + (a - 0.5) * log(a / (a + b)) - b * log1p(a / b) + correction(a, b)
    }

    private static func correction(_ a: Double, _ b: Double) -> Double {
        StirlingCorrection.value(a) + StirlingCorrection.value(b) - StirlingCorrection.value(a + b)
    }

    private static func fraction(_ a: Double, _ b: Double, _ x: Double, _ y: Double) -> Double {
        let gap = a * y - b * x
        return 1
            / ContinuedFraction.value(first: a * (gap + 1) / (a + 1)) { number in
                let m = Double(number)
                let odd = a + 2 * m - 1
                let common = m * (b - m) * x / odd
                let numerator = common * x * ((a + m - 1) / odd) * (a + b + m - 1)
                return (numerator, m + common + (a + m) * (gap + 1 + m * (1 + y)) / (odd + 2))
            }
    }
}
