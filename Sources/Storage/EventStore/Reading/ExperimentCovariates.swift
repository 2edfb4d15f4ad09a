/// What is added up of visitors.
public enum CountedAmount: Int64, Sendable, CaseIterable {
    /// 1 of each who reached the goal.
    case conversions
    /// In millionths.
    case revenue
    case products
}

/// What visitors did about goals after their first view, together with what the same visitors did about them before: counts and
/// exact sums, which are the same whatever the order of the events.
public struct ExperimentCovariates: Sendable, Equatable {
    /// Of the visitors of a variation.
    public struct Goal: Sendable, Equatable {
        public let variationID: Int64
        public let goalID: Int64
        public let amount: CountedAmount
        /// Visitors who had any before.
        public let visitorsBefore: Int64
        public let outcome: AmountSums
        public let before: AmountSums
        /// Of each visitor's two amounts.
        public let products: AmountProducts
    }

    /// By variation.
    public internal(set) var visitors: [Int64: Int64] = [:]
    /// Those of whom there is anything.
    public internal(set) var goals: [Goal] = []

    init() {}
}

extension ExperimentQuery {
    /// How long before a visitor's first view their history begins, in whole days.
    public enum HistoryDays {
        /// What is asked for when nothing is said.
        public static let usual = 7
        /// What may be asked for.
        public static let range = 1...90
    }
}
