import EventStore
import Gateway
import JSON
import Time

/// The span of time that a list of events looks at: what its filter says of `date`, else the last day, and never more than 190
/// days.
struct EventSpan {
    private static let standardSeconds: Int64 = 24 * 3_600
    private static let maximumDays: Int64 = 190

    /// All that any alternative of the filter may find.
    let range: Range<Timestamp>

    /// - Parameters:
    ///   - start: of the parameter `dateRangeStart`.
    ///   - end: of the parameter `dateRangeEnd`.
    /// - Throws: `APIError` 400.
    init(
        _ filter: FilterExpression, start: Timestamp?, end: Timestamp?, now: Timestamp
    ) throws(APIError) {
        var spans: [Range<Timestamp>] = []
        for terms in filter.alternatives.isEmpty ? [[]] : filter.alternatives {
            var (lower, upper) = (start, end)
            for term in terms where term.field == "date" {
                let bounds = try Self.bounds(term)
                if let bound = bounds.lower { lower = max(lower ?? bound, bound) }
                if let bound = bounds.upper { upper = min(upper ?? bound, bound) }
            }
            // An event may be somewhat ahead of the server's clock.
            let last = upper ?? max(now, lower ?? now).adding(seconds: Self.standardSeconds)
            let first = lower ?? min(now, last).adding(seconds: -Self.standardSeconds)
            spans.append(first..<max(first, last))
        }
        let first = spans.map(\.lowerBound).min() ?? now
        let last = spans.map(\.upperBound).max() ?? now
        let wanted = min(last, now.adding(seconds: Self.standardSeconds)).seconds - first.seconds
        guard wanted <= (Self.maximumDays + 1) * Self.standardSeconds else {
            throw APIError.invalid("filter", "Exceeded date range\(Self.maximumDays)days")
        }
        range = first..<max(first, last)
    }

    /// What a condition on the date leaves; both nil for `!=`.
    private static func bounds(
        _ term: FilterExpression.Term
    ) throws(APIError) -> (lower: Timestamp?, upper: Timestamp?) {
        let moment = try moment(term)
        switch term.comparison {
        case .equal: return (moment.lowerBound, moment.upperBound)
        case .unequal: return (nil, nil)
        case .atLeast: return (moment.lowerBound, nil)
        case .greater: return (moment.upperBound, nil)
        case .atMost: return (nil, moment.upperBound)
        case .less: return (nil, moment.lowerBound)
        case .like, .unlike:
            throw APIError.invalid("filter", "filter: date is compared with ==, !=, <, <=, > or >=.")
        }
    }

    /// The millisecond that a condition names.
    static func moment(_ term: FilterExpression.Term) throws(APIError) -> Range<Timestamp> {
        guard let time = Timestamp(gainsight: .string(term.value)) else {
            throw APIError.invalid(
                "filter",
                "filter: \"\(term.value.prefix(80))\" is no date; use milliseconds since 1970 or ISO 8601, such as 2025-05-11T07:45:30Z."
            )
        }
        let start = time.milliseconds
        let first = Timestamp(microseconds: start * 1_000)
        return first..<Timestamp(microseconds: (start + 1) * 1_000)
    }
}
