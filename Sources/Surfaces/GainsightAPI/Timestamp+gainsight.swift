import JSON
import Time

extension Timestamp {
    /// A time as the vendor's clients write it: milliseconds since the epoch, as a number or a text, or ISO 8601, with or
    /// without the time of day. Nil for anything else, and for milliseconds beyond the years 0 to 9999.
    init?(gainsight value: JSONValue) {
        if let text = value.string, Int64(text) == nil {
            guard let time = Timestamp(text) else { return nil }
            self = time
            return
        }
        guard let milliseconds = value.int64 ?? value.string.flatMap({ Int64($0) }) else { return nil }
        let (microseconds, overflows) = milliseconds.multipliedReportingOverflow(by: 1_000)
        let time = Timestamp(microseconds: microseconds)
        guard !overflows, time.withinFourDigitYears == time else { return nil }
        self = time
    }
}
