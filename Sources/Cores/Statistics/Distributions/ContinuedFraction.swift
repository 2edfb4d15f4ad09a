/// The value of `1 / (1 + c1 / (1 + c2 / (1 + ...)))` and its like, by Lentz's method as Thompson and Barnett modified it.
enum ContinuedFraction {
    private static let tiny = 1e-300

    /// `b0 + a1 / (b1 + a2 / (b2 + ...))`
    /// - Parameters:
    ///   - first: `b0`.
    ///   - term: `(a, b)` by its number, from 1.
    static func value(first: Double, _ term: (_ number: Int) -> (a: Double, b: Double)) -> Double {
        var value = first == 0 ? tiny : first
        var c = value
        var d = 0.0
        // The fractions here converge in a few times the square root of their largest parameter.
        for number in 1...2_000_000 {
            let (a, b) = term(number)
            d = b + a * d
            if d == 0 { d = tiny }
            d = 1 / d
            c = b + a / c
            if c == 0 { c = tiny }
            let factor = c * d
            value *= factor
            if abs(factor - 1) < 1e-16 { break }
        }
        return value
    }
}
