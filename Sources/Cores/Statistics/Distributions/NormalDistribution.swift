import Foundation

/// The standard normal distribution.
public enum NormalDistribution {
    public static func density(_ z: Double) -> Double { exp(-z * z / 2) / (2 * .pi).squareRoot() }

    /// How likely a value up to `z` is.
    public static func lowerTail(_ z: Double) -> Double { erfc(-z / 2.squareRoot()) / 2 }

    /// How likely a value from `z` is; exact down to the least a `Double` can hold.
    public static func upperTail(_ z: Double) -> Double { erfc(z / 2.squareRoot()) / 2 }

    /// The value that is not exceeded with a probability.
    /// - Parameter probability: between 0 and 1; minus infinity and infinity at the ends, `nan` outside.
    public static func quantile(_ probability: Double) -> Double {
        probability > 0.5 ? upperQuantile(1 - probability) : -upperQuantile(probability)
    }

    /// The value that is exceeded with a probability: for small ones more exact than the quantile of what is left.
    /// - Parameter probability: between 0 and 1.
    public static func upperQuantile(_ probability: Double) -> Double {
        guard probability >= 0, probability <= 1 else { return .nan }
        if probability > 0.5 { return -upperQuantile(1 - probability) }
        if probability == 0 { return .infinity }
        var z = roughUpperQuantile(probability)
        for _ in 0..<2 {
            // Halley's method on the logarithm of the tail, which stays in range.
            let tail = upperTail(z)
            guard tail > 0 else { return z }
            let hazard = density(z) / tail
            let error = log(tail / probability)
            let newton = error / hazard
            z += newton / (1 + newton * (hazard - z) / 2)
        }
        return z
    }

    /// Within a relative error of 1.2e-9. Source: P. J. Acklam's rational approximation.
    private static func roughUpperQuantile(_ probability: Double) -> Double {
        guard probability < 0.02425 else {
            let q = 0.5 - probability
            let r = q * q
            return polynomial(center.0, r) * q / (polynomial(center.1, r) * r + 1)
        }
        let q = (-2 * log(probability)).squareRoot()
        return -polynomial(tail.0, q) / (polynomial(tail.1, q) * q + 1)
    }

    private static func polynomial(_ coefficients: [Double], _ x: Double) -> Double {
        coefficients.reduce(0) { $0 * x + $1 }
    }

    private static let center = (
        [
            -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.3577518672690, -30.66479806614716,
            2.506628277459239,
        ],
        [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572]
    )
    private static let tail = (
        [
            -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
            2.938163982698783,
        ],
        [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416]
    )
}
