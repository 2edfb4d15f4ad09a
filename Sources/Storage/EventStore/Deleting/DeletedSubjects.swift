import DuckDB
import Time

/// Users, companies or visitors that go, with what they did up to a position of the log.
public struct DeletedSubjects: Sendable, Equatable {
    public let ids: [String]
    public let end: LogPosition

    public init(_ ids: [String], upTo end: LogPosition) {
        self.ids = ids
        self.end = end
    }
}

extension [DeletedSubjects] {
    /// Their ids and, beside each, the end of what goes of it: two arguments of a statement.
    var pairs: [Value] { pairs { $0.stored } }

    /// The same with the times of the ends, in microseconds since the epoch.
    var timePairs: [Value] { pairs { "\($0.time.microseconds)" } }

    private func pairs(_ end: (LogPosition) -> String) -> [Value] {
        [.strings(flatMap(\.ids)), .strings(flatMap { gone in gone.ids.map { _ in end(gone.end) } })]
    }

    /// In SQL over a row of the log: whether it is of one of them, and a condition holds of the end of what goes of that one.
    /// - Parameters:
    ///   - ids: the place of the first of the pairs in the statement.
    ///   - type: of the ends.
    ///   - condition: of `gone_end`.
    static func rowCondition(_ column: String, pairsAt ids: Int, type: String = "UUID", _ condition: String) -> String {
        // What is not of them is told apart without looking at ends.
        """
        \(column) IN (SELECT unnest($\(ids))) AND EXISTS (
            SELECT 1 FROM (SELECT unnest($\(ids)) AS gone_id, unnest($\(ids + 1))::\(type) AS gone_end)
            WHERE gone_id = \(column) AND (\(condition)))
        """
    }
}
