/// How much one document may ask of the parser before it is refused.
public struct JSONLimits: Sendable, Equatable {
    /// The deepest nesting of arrays and objects, 1 to 1,024; the outermost container counts as 1.
    public let maxDepth: Int

    /// The most values in one document, 1 to 2^31 - 1: every scalar, array and object counts as one, keys do not.
    public let maxValues: Int

    /// The largest exponent that a number may be written with, such as 5 in `1e-5`, of either sign; `Int.max` for any.
    ///
    /// A numeral such as `0e9223372036854775807` says nothing that a decimal can mean: doubles end at 308, the widest
    /// decimals of IEEE 754 at 6,144. Whoever reads it later, in whatever language, should not have to count so far.
    public let maxExponent: Int

    /// Limits for what clients send: 64 levels, a million values, exponents of four digits.
    public static let standard = JSONLimits()

    /// Makes limits; values outside the ranges of the properties are brought to the nearest end.
    public init(maxDepth: Int = 64, maxValues: Int = 1_000_000, maxExponent: Int = 9_999) {
        self.maxDepth = min(max(maxDepth, 1), 1024)
        self.maxValues = min(max(maxValues, 1), Int(Int32.max))
        self.maxExponent = max(maxExponent, 0)
    }
}
