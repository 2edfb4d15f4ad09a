import Foundation

/// What is done about many comparisons, of which some would show something by chance.
public enum MultipleComparisons: String, Sendable, CaseIterable {
    case none
    case bonferroni
    case sidak
    case holm
    case benjaminiHochberg

    /// The p-values as they are to be compared with alpha, in the order they came in.
    /// - Parameter pValues: each between 0 and 1.
    public func adjusted(_ pValues: [Double]) -> [Double] {
        let count = Double(pValues.count)
        switch self {
        case .none: return pValues
        case .bonferroni: return pValues.map { min($0 * count, 1) }
        case .sidak: return pValues.map { -expm1(count * log1p(-$0)) }
        case .holm:
            return Self.running(pValues, by: <) { rank, pValue, greatest in
                min(max(pValue * (count - Double(rank)), greatest ?? 0), 1)
            }
        case .benjaminiHochberg:
            return Self.running(pValues, by: >) { rank, pValue, least in
                min(pValue * count / (count - Double(rank)), least ?? 1, 1)
            }
        }
    }

    /// What a single comparison of so many is compared with, for intervals that go with the adjusted p-values; those that
    /// depend on the other comparisons have the same as Bonferroni's.
    public func alpha(_ alpha: Double, comparisons: Int) -> Double {
        switch self {
        case .none: alpha
        case .sidak: -expm1(log1p(-alpha) / Double(max(comparisons, 1)))
        case .bonferroni, .holm, .benjaminiHochberg: alpha / Double(max(comparisons, 1))
        }
    }

    /// Goes through the p-values in order, each with what the one before gave.
    private static func running(
        _ pValues: [Double], by order: (Double, Double) -> Bool, _ next: (Int, Double, Double?) -> Double
    ) -> [Double] {
        var adjusted = pValues
        var last: Double?
        let places = pValues.indices.sorted { order(pValues[$0], pValues[$1]) }
        for (rank, place) in places.enumerated() {
            let value = next(rank, pValues[place], last)
            adjusted[place] = value
            last = value
        }
        return adjusted
    }
}
