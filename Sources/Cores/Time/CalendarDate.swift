/// A day of the proleptic Gregorian calendar, UTC.
///
/// Conversions use the days-from-civil algorithm (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"):
/// years start in March so that the leap day is the last of its year.
public struct CalendarDate: Sendable, Hashable, Comparable {
    public let year: Int
    /// 1 to 12.
    public let month: Int
    /// 1 to 31.
    public let day: Int

    /// Nil when the day does not exist, such as 2023-02-29 or month 13, or its year has more than four digits.
    public init?(year: Int, month: Int, day: Int) {
        guard (0...9_999).contains(year), (1...12).contains(month), day >= 1, day <= Self.daysIn(month: month, of: year)
        else { return nil }
        self.init(validYear: year, month: month, day: day)
    }

    /// The days that microseconds since the epoch can tell apart, of either sign.
    private static let mostDaysSinceEpoch = Int(Int64.max / Timestamp.microsecondsPerDay)

    /// The day `count` days after 1970-01-01; negative before. Beyond some 106 million days, 292,000 years, the last
    /// one that a ``Timestamp`` can hold.
    public init(daysSinceEpoch count: Int) {
        let shifted = min(max(count, -Self.mostDaysSinceEpoch), Self.mostDaysSinceEpoch) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        self.init(
            validYear: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month,
            day: dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// The UTC day that holds `time`.
    public init(_ time: Timestamp) {
        self.init(daysSinceEpoch: Int(time.microseconds.flooredQuotient(Timestamp.microsecondsPerDay)))
    }

    private init(validYear: Int, month: Int, day: Int) {
        self.year = validYear
        self.month = month
        self.day = day
    }

    /// Parses `YYYY-MM-DD`, exactly; nil for anything else, days that do not exist included.
    public init?(_ text: String) {
        let digits = Array(text.utf8)
        guard digits.count == 10, digits[4] == UInt8(ascii: "-"), digits[7] == UInt8(ascii: "-"),
            let year = Self.number(digits[0..<4]), let month = Self.number(digits[5..<7]),
            let day = Self.number(digits[8..<10])
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        var value = 0
        for digit in digits {
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return value
    }

    public static func daysIn(month: Int, of year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func isLeap(_ year: Int) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    /// Days since 1970-01-01; negative before.
    public var daysSinceEpoch: Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The first moment of the day, or the nearest one that a ``Timestamp`` can hold.
    public var start: Timestamp {
        Timestamp(microseconds: Int64(daysSinceEpoch).multipliedSaturating(by: Timestamp.microsecondsPerDay))
    }

    public func adding(days: Int) -> CalendarDate {
        let (count, isOverflow) = daysSinceEpoch.addingReportingOverflow(days)
        return CalendarDate(daysSinceEpoch: isOverflow ? (days < 0 ? .min : .max) : count)
    }

    /// The Monday on or before this day: the first day of its ISO 8601 week.
    public var startOfISOWeek: CalendarDate {
        // 1970-01-01 was a Thursday, three days after a Monday.
        let daysSinceMonday = ((daysSinceEpoch + 3) % 7 + 7) % 7
        return adding(days: -daysSinceMonday)
    }

    public var startOfMonth: CalendarDate {
        CalendarDate(validYear: year, month: month, day: 1)
    }

    public var startOfNextMonth: CalendarDate {
        month == 12
            ? CalendarDate(validYear: year + 1, month: 1, day: 1)
            : CalendarDate(validYear: year, month: month + 1, day: 1)
    }

    public static func < (left: CalendarDate, right: CalendarDate) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }
}

extension CalendarDate: CustomStringConvertible {
    /// `YYYY-MM-DD`; a day outside years 0 to 9999 is written as the nearest one within them.
    public var description: String {
        if year < 0 { return "0000-01-01" }
        if year > 9_999 { return "9999-12-31" }
        return String(unsafeUninitializedCapacity: 10) { buffer in
            writeDigits(year, width: 4, at: 0, of: buffer)
            buffer[4] = UInt8(ascii: "-")
            writeDigits(month, width: 2, at: 5, of: buffer)
            buffer[7] = UInt8(ascii: "-")
            writeDigits(day, width: 2, at: 8, of: buffer)
            return 10
        }
    }
}

/// Writes `value`, which is not negative, in decimal, padded with zeros to `width`, into `buffer` from `offset` on.
func writeDigits(_ value: Int, width: Int, at offset: Int, of buffer: UnsafeMutableBufferPointer<UInt8>) {
    var rest = max(value, 0)
    for position in stride(from: offset + width - 1, through: offset, by: -1) {
        buffer[position] = UInt8(ascii: "0") + UInt8(rest % 10)
        rest /= 10
    }
}
