/// What a report needs to know of an experience's visitors: counts and exact sums, which are the same whatever the order of
/// the events.
public struct ExperimentCounts: Sendable, Equatable {
    /// Visitors of a variation whose first view lies in a period.
    public struct Visitors: Sendable, Equatable {
        public let variationID: Int64
        /// How many boundaries of the query lie before.
        public let period: Int
        public let count: Int64
    }

    /// What visitors of a variation did about a goal.
    public struct Goal: Sendable, Equatable {
        public let variationID: Int64
        public let goalID: Int64
        /// Visitors who reached it, each once.
        public let converters: Int64
        /// Transactions, each of them.
        public let orders: Int64
        /// Of orders, by visitor, in millionths.
        public let revenue: AmountSums
        /// Of orders, by visitor.
        public let products: AmountSums
    }

    public internal(set) var visitors: [Visitors] = []
    public internal(set) var goals: [Goal] = []
    /// Visitors who would count, had they not seen more than one variation.
    public internal(set) var excluded: Int64 = 0

    public init() {}

    /// What one unit of revenue is counted in.
    public static let revenueScale: Double = 1_000_000
}

/// The sums of whole numbers, one a visitor, and of their squares. Those who have none have 0.
public struct AmountSums: Sendable, Equatable {
    public let sum: Int128
    /// The squares, in the parts of ``AmountProducts``, but for the mixed one, which stands once.
    let upper: Int128
    let mixed: Int128
    let lower: Int128

    init(sum: Int128, upper: Int128, mixed: Int128, lower: Int128) {
        self.sum = sum
        self.upper = upper
        self.mixed = mixed
        self.lower = lower
    }

    /// Nobody has anything.
    public static let zero = AmountSums(sum: 0, upper: 0, mixed: 0, lower: 0)

    /// Of these numbers, one a visitor.
    /// - Parameter numbers: each up to 10^18 away from zero, as the log counts them.
    public init(_ numbers: some Sequence<Int64>) {
        var sums: (sum: Int128, upper: Int128, mixed: Int128, lower: Int128) = (0, 0, 0, 0)
        for number in numbers {
            let magnitude = Int128(number.magnitude)
            let (high, low) = (magnitude >> AmountProducts.cut, magnitude & (1 << AmountProducts.cut - 1))
            sums.sum += Int128(number)
            sums.upper += high * high
            sums.mixed += high * low
            sums.lower += low * low
        }
        self.init(sum: sums.sum, upper: sums.upper, mixed: sums.mixed, lower: sums.lower)
    }

    /// The squares.
    public var squares: AmountProducts { AmountProducts(upper: upper, mixed: 2 * mixed, lower: lower) }
}
