/// A sum that does not lose small amounts beside large ones: as exact as if it were added with twice the digits.
///
/// Source: T. J. Dekker, A floating-point technique for extending the available precision (1971).
public struct ExactSum: Sendable, Equatable {
    private var high = 0.0
    private var low = 0.0

    public init() {}

    public var value: Double { high + low }

    public mutating func add(_ amount: Double) {
        let sum = high + amount
        let added = sum - high
        // What the addition rounded away.
        let lost = (high - (sum - added)) + (amount - added)
        (high, low) = Self.normalized(sum, low + lost)
    }

    /// Adds `amount * amount`, the digits that the product loses included.
    public mutating func addSquare(of amount: Double) {
        addProduct(of: amount, amount)
    }

    /// Adds the product of two amounts, the digits that it loses included.
    public mutating func addProduct(of first: Double, _ second: Double) {
        let product = first * second
        let lost = (-product).addingProduct(first, second)
        add(product)
        (high, low) = Self.normalized(high, low + lost)
    }

    public static func += (sum: inout ExactSum, other: ExactSum) {
        sum.add(other.high)
        sum.add(other.low)
    }

    private static func normalized(_ high: Double, _ low: Double) -> (Double, Double) {
        let sum = high + low
        return (sum, low - (sum - high))
    }
}
