/// The sum of products of two whole numbers, one pair a visitor, from numbers cut at 30 bits: no sum of a part can overflow.
public struct AmountProducts: Sendable, Equatable {
    /// Of the upper parts.
    let upper: Int128
    /// Of an upper and a lower part, both ways.
    let mixed: Int128
    /// Of the lower parts.
    let lower: Int128

    /// How many bits the lower part of a number has.
    static let cut: Int128 = 30

    init(upper: Int128, mixed: Int128, lower: Int128) {
        self.upper = upper
        self.mixed = mixed
        self.lower = lower
    }

    public static let zero = AmountProducts(upper: 0, mixed: 0, lower: 0)

    /// In parts that are to be multiplied by their factors and added.
    public var parts: [(part: Int128, factor: Double)] { [(upper, 0x1p60), (mixed, 0x1p30), (lower, 1)] }

    /// Nil when it is beyond 128 bits.
    public var sum: Int128? {
        let (high, isHighLost) = upper.multipliedReportingOverflow(by: 1 << (2 * Self.cut))
        let (middle, isMiddleLost) = mixed.multipliedReportingOverflow(by: 1 << Self.cut)
        let (both, isBothLost) = high.addingReportingOverflow(middle)
        let (all, isAllLost) = both.addingReportingOverflow(lower)
        return isHighLost || isMiddleLost || isBothLost || isAllLost ? nil : all
    }

    /// As a `Double`, of which the last digits may be lost.
    public var rounded: Double { sum.map { Double($0) } ?? parts.reduce(0) { $0 + Double($1.part) * $1.factor } }
}
