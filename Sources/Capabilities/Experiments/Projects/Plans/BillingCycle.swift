public import Time

/// The time that usage is counted in: some months, from the day on which a plan was booked, or whole months of the calendar.
public struct BillingCycle: Sendable, Equatable {
    /// The first moment of a day, UTC.
    public let start: Timestamp
    /// When the next one starts.
    public let end: Timestamp

    /// The cycle that holds a moment.
    /// - Parameters:
    ///   - months: how long it is, at least 1.
    ///   - booking: when the plan was booked; nil for cycles that begin with the year.
    init(months: Int, since booking: Timestamp?, at now: Timestamp) {
        let months = min(max(months, 1), Self.mostMonths)
        let first = booking.map { CalendarDate($0) } ?? Self.standardStart
        let today = CalendarDate(now)
        // Whole months since, at most one too many.
        let passed = (today.year - first.year) * 12 + today.month - first.month
        var number = passed / months - (passed % months < 0 ? 1 : 0)
        if Self.day(first, after: number * months) > today { number -= 1 }
        start = Self.day(first, after: number * months).start
        end = Self.day(first, after: (number + 1) * months).start
    }

    /// A thousand years.
    private static let mostMonths = 12_000
    private static let standardStart = CalendarDate(daysSinceEpoch: 0)

    /// The same day of another month, or the last one of a month that is too short for it.
    private static func day(_ date: CalendarDate, after months: Int) -> CalendarDate {
        let index = date.year * 12 + date.month - 1 + months
        let year = index / 12 - (index % 12 < 0 ? 1 : 0)
        let month = index - year * 12 + 1
        let day = min(date.day, CalendarDate.daysIn(month: month, of: year))
        return CalendarDate(year: year, month: month, day: day) ?? date
    }
}
