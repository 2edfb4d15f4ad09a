/// How much one document may ask of the parser before it is refused.
public struct JSONLimits: Sendable, Equatable {
    /// The deepest nesting of arrays and objects, 1 to 1,024; the outermost container counts as 1.
    public let maxDepth: Int

    /// The most values in one document, 1 to 2^31 - 1: every scalar, array and object counts as one, keys do not.
    public let maxValues: Int

    /// Limits for what clients send: 64 levels, a million values.
    public static let standard = JSONLimits()

    /// Makes limits; values outside the ranges of the properties are brought to the nearest end.
    public init(maxDepth: Int = 64, maxValues: Int = 1_000_000) {
        self.maxDepth = min(max(maxDepth, 1), 1024)
        self.maxValues = min(max(maxValues, 1), Int(Int32.max))
    }
}
