/// Whether each visitor did something, such as to reach a goal.
public struct ProportionSample: Sample, Equatable {
    public let count: Int64
    /// Visitors who did.
    public let successes: Int64

    /// - Parameters:
    ///   - count: not negative.
    ///   - successes: between 0 and `count`.
    public init(count: Int64, successes: Int64) {
        self.count = count
        self.successes = successes
    }

    public var mean: Double? { count > 0 ? Double(successes) / Double(count) : nil }

    public var variance: Double? {
        guard count > 1, let mean else { return nil }
        return mean * (1 - mean)
    }
}
