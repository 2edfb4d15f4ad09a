/// What a test is to show against the hypothesis that there is no effect.
public enum Alternative: String, Sendable, CaseIterable {
    /// There is an effect.
    case twoSided
    /// The variation has more.
    case greater
    /// The variation has less.
    case less
}

/// What a test says of an effect.
public struct TestResult: Sendable, Equatable {
    /// How likely an estimate at least this far away would be if there were no effect.
    public let pValue: Double
    /// Where the effect is with the confidence that was asked for; without end on the side that a one-sided test leaves
    /// open.
    public let interval: ConfidenceInterval

    public init(pValue: Double, interval: ConfidenceInterval) {
        self.pValue = pValue
        self.interval = interval
    }
}

/// A range, both of whose ends may be infinite.
public struct ConfidenceInterval: Sendable, Equatable {
    public let lower: Double
    public let upper: Double

    public init(lower: Double, upper: Double) {
        self.lower = lower
        self.upper = upper
    }

    /// Around an estimate, as far as the alternative does not leave it open.
    init(_ estimate: Double, halfWidth: Double, _ alternative: Alternative) {
        lower = alternative == .less ? -.infinity : estimate - halfWidth
        upper = alternative == .greater ? .infinity : estimate + halfWidth
    }
}
