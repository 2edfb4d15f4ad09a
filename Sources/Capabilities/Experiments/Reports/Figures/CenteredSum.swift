import EventStore
import Statistics

/// The sum over visitors of the product of two amounts' distances from their means: what variances and covariances are made of.
enum CenteredSum {
    /// - Parameters:
    ///   - products: of each visitor's two amounts.
    ///   - first: the sum of the one amount.
    ///   - second: the sum of the other; the same for a variance.
    ///   - count: visitors; positive.
    static func of(_ products: AmountProducts, _ first: Int128, _ second: Int128, count: Int64) -> Double {
        exact(products, first, second, Int128(count)) ?? rounded(products, first, second, Double(count))
    }

    /// By way of whole numbers next to the means, so that no digit is lost before the last step.
    /// - Returns: nil when a term is beyond 128 bits.
    private static func exact(_ products: AmountProducts, _ first: Int128, _ second: Int128, _ count: Int128) -> Double?
    {
        guard let sum = products.sum else { return nil }
        let (pivot, rest) = first.quotientAndRemainder(dividingBy: count)
        let (otherPivot, otherRest) = second.quotientAndRemainder(dividingBy: count)
        // The sum of (x - pivot) (y - other pivot), as a sum is its pivot times the count and the rest.
        let (own, isOwnLost) = pivot.multipliedReportingOverflow(by: second)
        let (other, isOtherLost) = otherPivot.multipliedReportingOverflow(by: rest)
        let (without, isWithoutLost) = sum.subtractingReportingOverflow(own)
        let (around, isLost) = without.subtractingReportingOverflow(other)
        if isOwnLost || isOtherLost || isWithoutLost || isLost { return nil }
        return Double(around) - Double(rest) * Double(otherRest) / Double(count)
    }

    /// In twice the digits of a `Double`.
    private static func rounded(_ products: AmountProducts, _ first: Int128, _ second: Int128, _ count: Double)
        -> Double
    {
        var excess = ExactSum()
        for (part, factor) in products.parts { excess.add(Double(part) * factor) }
        excess.addProduct(of: -Double(first) / count, Double(second))
        return excess.value
    }
}
