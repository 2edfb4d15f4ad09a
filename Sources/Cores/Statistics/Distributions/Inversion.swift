/// Finds where a monotone function takes a value.
enum Inversion {
    /// A root between two points at which the function has different signs, by Brent's method.
    ///
    /// Source: R. P. Brent, Algorithms for Minimization without Derivatives, chapter 4.
    /// - Returns: a point within the precision of a `Double` of a change of sign.
    static func root(between low: Double, and high: Double, of function: (Double) -> Double) -> Double {
        var a = low
        var b = high
        var fa = function(a)
        var fb = function(b)
        var c = a
        var fc = fa
        var step = b - a
        var previousStep = step
        for _ in 0..<500 where fb != 0 {
            if (fb > 0) == (fc > 0) {
                (c, fc) = (a, fa)
                step = b - a
                previousStep = step
            }
            if abs(fc) < abs(fb) {
                (a, b, c) = (b, c, b)
                (fa, fb, fc) = (fb, fc, fb)
            }
            let tolerance = 2 * b.ulp
            let half = (c - b) / 2
            if abs(half) <= tolerance { break }
            if abs(previousStep) >= tolerance, abs(fa) > abs(fb), let better = interpolated(a, b, c, fa, fb, fc),
                abs(better) < min(1.5 * abs(half) - abs(tolerance) / 2, abs(previousStep) / 2)
            {
                previousStep = step
                step = better
            } else {
                step = half
                previousStep = half
            }
            (a, fa) = (b, fb)
            b += abs(step) > tolerance ? step : (half > 0 ? tolerance : -tolerance)
            fb = function(b)
        }
        return b
    }

    /// The step from `b` by inverse quadratic interpolation, or linear where two of the points are one; nil when it leads
    /// away from the change of sign.
    private static func interpolated(
        _ a: Double, _ b: Double, _ c: Double, _ fa: Double, _ fb: Double, _ fc: Double
    ) -> Double? {
        let s = fb / fa
        var p: Double
        var q: Double
        if a == c {
            p = (c - b) * s
            q = 1 - s
        } else {
            let t = fa / fc
            let r = fb / fc
            p = s * ((c - b) * t * (t - r) - (b - a) * (r - 1))
            q = (t - 1) * (r - 1) * (s - 1)
        }
        if p > 0 { q = -q } else { p = -p }
        let step = p / q
        return step.isFinite && (step > 0) == (c > b) ? step : nil
    }

    /// The first point from `start` in steps that double at which the function is not positive.
    /// - Parameter function: falls.
    static func upperBound(from start: Double, step: Double, of function: (Double) -> Double) -> Double {
        var step = step
        var point = start + step
        while point < .greatestFiniteMagnitude, function(point) > 0 {
            step *= 2
            point = start + step
        }
        return point
    }
}
