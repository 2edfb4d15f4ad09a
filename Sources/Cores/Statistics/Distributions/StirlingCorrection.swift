import Foundation

/// What Stirling's formula leaves out of the logarithm of the gamma function:
/// `ln Γ(a) - ((a - 1/2) ln a - a + ln(2π)/2)`.
///
/// Differences of such logarithms cancel almost wholly for large arguments; written with this they do not.
/// Source: NIST Digital Library of Mathematical Functions, 5.11.1.
enum StirlingCorrection {
    /// From here on the series is as exact as a `Double`.
    static let least = 10.0

    /// B(2k) / (2k (2k - 1)) for k from 1, B being Bernoulli's numbers.
    private static let coefficients: [Double] = [
        1 / 12.0, -1 / 360.0, 1 / 1_260.0, -1 / 1_680.0, 1 / 1_188.0, -691 / 360_360.0, 1 / 156.0,
    ]

    /// - Parameter a: at least ``least``.
    static func value(_ a: Double) -> Double {
        let inverse = 1 / a
        let square = inverse * inverse
        return coefficients.reversed().reduce(0) { $0 * square + $1 } * inverse
    }
}

/// `r - 1 - ln r` for the ratio of two numbers, without the cancellation near one.
/// - Parameters:
///   - numerator: positive.
///   - denominator: positive.
func logarithmicGap(_ numerator: Double, to denominator: Double) -> Double {
    let u = (numerator - denominator) / denominator
    guard abs(u) < 0.5 else { return u - log(numerator / denominator) }
    // ln(1 + u) = 2 artanh(s), and u - 2s = us.
    let s = u / (2 + u)
    let square = s * s
    var power = s * square
    var sum = 0.0
    var divisor = 3.0
    while true {
        let next = sum + power / divisor
        if next == sum { return u * s - 2 * sum }
        sum = next
        power *= square
        divisor += 2
    }
}
