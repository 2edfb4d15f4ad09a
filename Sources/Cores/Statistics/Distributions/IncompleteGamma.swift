import Foundation

/// The regularized incomplete gamma functions P(a, x) and Q(a, x) = 1 - P(a, x), each exact where it is small.
///
/// Source: NIST Digital Library of Mathematical Functions, 8.11.4 (series) and 8.9.2 (continued fraction).
struct IncompleteGamma {
    let lower: Double
    let upper: Double

    /// - Parameters:
    ///   - a: positive.
    ///   - x: not negative; infinity is the end of the range.
    init(_ a: Double, _ x: Double) {
        guard x > 0 else {
            (lower, upper) = (0, 1)
            return
        }
        guard x < .infinity else {
            (lower, upper) = (1, 0)
            return
        }
        let power = Self.power(a, x)
        if x < a + 1 {
            let value = min(power * Self.series(a, x), 1)
            (lower, upper) = (value, 1 - value)
        } else {
            let value = min(power * Self.fraction(a, x), 1)
            (lower, upper) = (1 - value, value)
        }
    }

    /// `x^a e^-x / Γ(a)`
    static func power(_ a: Double, _ x: Double) -> Double {
        guard a >= StirlingCorrection.least else { return exp(a * log(x) - x - lgamma(a)) }
        return exp(-a * logarithmicGap(x, to: a) - StirlingCorrection.value(a)) * (a / (2 * .pi)).squareRoot()
    }

    private static func series(_ a: Double, _ x: Double) -> Double {
        var term = 1 / a
        var sum = term
        var divisor = a
        while true {
            divisor += 1
            term *= x / divisor
            let next = sum + term
            if next == sum { return sum }
            sum = next
        }
    }

    private static func fraction(_ a: Double, _ x: Double) -> Double {
        1
            / ContinuedFraction.value(first: x + 1 - a) { number in
                let n = Double(number)
                return (n * (a - n), x + 2 * n + 1 - a)
            }
    }
}
