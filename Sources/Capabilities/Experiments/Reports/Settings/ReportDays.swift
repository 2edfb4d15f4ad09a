import EventStore
import Time

/// The days that a report is of, in the time zone that it was asked for.
struct ReportDays: Sendable, Equatable {
    /// Since 1970-01-01.
    let numbers: ClosedRange<Int64>
    /// From UTC, in seconds.
    let offset: Int64

    /// Days at most, the latest ones: ten years.
    static let maximumCount: Int64 = 3_660
    /// Days of all variations together: of many variations there are fewer.
    private static let maximumPoints: Int64 = 100_000
    private static let secondsPerDay: Int64 = 86_400

    /// The days of the range in which the experience ran so far.
    /// - Parameter seen: days on which there was anything besides.
    /// - Returns: nil when there are none.
    init?(_ range: ReportRange, of experience: ReportedExperience, seen: [Int64] = [], now: Timestamp) {
        offset = range.offset
        var days = seen
        if let start = experience.start {
            let first = max(start, range.start?.seconds ?? start)
            let last = min(experience.end ?? now.seconds, range.end.map { $0.seconds - 1 } ?? now.seconds, now.seconds)
            if first <= last { days += [first, last].map { Self.number($0, range.offset) } }
        }
        guard let least = days.min(), let greatest = days.max() else { return nil }
        let variations = Int64(max(experience.variationIDs.count, 1))
        let count = min(Self.maximumCount, max(Self.maximumPoints / variations, 1))
        numbers = max(least, greatest - count + 1)...greatest
    }

    private static func number(_ seconds: Int64, _ offset: Int64) -> Int64 {
        let (quotient, remainder) = (seconds + offset).quotientAndRemainder(dividingBy: secondsPerDay)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// The first second of a day.
    func start(of day: Int64) -> Int64 { day * Self.secondsPerDay - offset }

    /// The last moment of a day.
    func end(of day: Int64) -> Timestamp {
        Timestamp(microseconds: Timestamp(seconds: start(of: day + 1)).microseconds - 1)
    }
}
