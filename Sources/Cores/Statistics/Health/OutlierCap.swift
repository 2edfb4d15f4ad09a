/// The range that amounts are brought into, over all variations together, so that a few do not decide.
public struct OutlierCap: Sendable, Equatable {
    public let lower: Double
    public let upper: Double

    /// - Parameters:
    ///   - lower: minus infinity where there is none.
    ///   - upper: infinity where there is none.
    public init(lower: Double = -.infinity, upper: Double = .infinity) {
        self.lower = lower
        self.upper = upper
    }

    /// By percentiles of the amounts that are not zero, of all variations: most visitors buy nothing.
    /// - Parameters:
    ///   - sorted: rising, without zeros.
    ///   - lower: from 0 to 100; nil where there is none.
    ///   - upper: from 0 to 100; nil where there is none.
    public init(percentilesOf sorted: [Double], lower: Double?, upper: Double?) {
        self.lower = lower.flatMap { Self.percentile($0, of: sorted) } ?? -.infinity
        self.upper = upper.flatMap { Self.percentile($0, of: sorted) } ?? .infinity
    }

    public func capped(_ amount: Double) -> Double { min(max(amount, lower), upper) }

    /// Between the two amounts next to it, by how near they are.
    /// - Returns: nil when there are no amounts, or the percentage is no number.
    static func percentile(_ percent: Double, of sorted: [Double]) -> Double? {
        guard let last = sorted.indices.last, percent.isFinite else { return nil }
        let place = min(max(percent, 0), 100) / 100 * Double(last)
        let below = Int(place.rounded(.down))
        let above = min(below + 1, last)
        return sorted[below] + (sorted[above] - sorted[below]) * (place - Double(below))
    }
}
