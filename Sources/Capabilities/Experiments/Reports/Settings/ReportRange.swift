import JSON
import Resources
import Time

/// Which time a report is of (contract schema `TimeRangeRequestData`).
struct ReportRange: Sendable, Equatable {
    /// Nil from the beginning.
    let start: Timestamp?
    /// The first moment after the second that was given; nil up to now.
    let end: Timestamp?
    /// Of days from those of UTC, in seconds.
    let offset: Int64

    /// - Throws: `ExperimentsError.invalid` for a start after the end.
    init(_ body: JSONObject) throws {
        let start = body["start_time"]?.double.map(Self.second)
        let end = body["end_time"]?.double.map(Self.second)
        if let start, let end, start > end {
            throw ExperimentsError.invalid("start_time", "start_time must not be after end_time.")
        }
        self.start = start.map { Timestamp(seconds: $0) }
        self.end = end.map { Timestamp(seconds: $0 + 1) }
        offset = body["utc_offset"]?.int64 ?? 0
    }

    /// The second that a number of seconds lies in, or the nearest of the years 0 to 9999.
    private static func second(_ seconds: Double) -> Int64 {
        let (first, last) = (Double(Timestamp.earliest.seconds), Double(Timestamp.latest.seconds))
        return Int64(min(max(seconds, first), last).rounded(.down))
    }
}
