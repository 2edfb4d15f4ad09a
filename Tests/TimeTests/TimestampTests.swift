import Testing
import Time

struct TimestampTests {
    @Test(
        arguments: [
            ("2025-05-11T07:45:30.123456Z", 1_746_949_530_123_456),
            ("2024-07-28 08:55:35.874555", 1_722_156_935_874_555),
            ("2023-08-16T09:22:44+03:00", 1_692_166_964_000_000),
            ("2023-08-16T09:22:44+0300", 1_692_166_964_000_000),
            ("2024-02-29", 1_709_164_800_000_000),
            ("1969-12-31T23:59:59.999999Z", -1),
            ("2024-01-01T00:00:00.1Z", 1_704_067_200_100_000),
            ("2024-01-01T00:00:00.123456789Z", 1_704_067_200_123_456),
            ("2024-01-01T10:30Z", 1_704_105_000_000_000),
        ] as [(String, Int64)])
    func parsesISO8601(text: String, microseconds: Int64) {
        #expect(Timestamp(text)?.microseconds == microseconds)
    }

    @Test(arguments: [
        "", "2024", "2024-13-01", "2024-02-30", "2023-02-29", "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z",
        "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00+25:00", "2024-01-01T00:00:00Zjunk", "2024-1-1", "yesterday",
        "2024-01-01X00:00:00", "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "10000-01-01",
    ])
    func refusesWhatIsNoTime(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func formatsEachWay() {
        let time = Timestamp(microseconds: 1_746_949_530_123_456)
        #expect(time.formatted(.microsecondsUTC) == "2025-05-11T07:45:30.123456Z")
        #expect(time.formatted(.microsecondsWithoutZone) == "2025-05-11T07:45:30.123456")
        #expect(time.formatted(.secondsUTC) == "2025-05-11T07:45:30Z")
        #expect(time.formatted(.basic) == "20250511T074530Z")
    }

    @Test func roundTripsOverCenturies() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<10_000 {
            let time = Timestamp(
                microseconds: Int64.random(in: -60_000_000_000_000_000...200_000_000_000_000_000, using: &generator))
            #expect(Timestamp(time.formatted(.microsecondsUTC)) == time)
        }
    }
}

/// No clock, row or caller has a time that ends the process.
struct TimeRangeTests {
    private static let extremes: [Int64] = [
        .min, .min + 1, -62_167_219_200_000_001, -62_167_219_200_000_000, -1, 0, 253_402_300_799_999_999,
        253_402_300_800_000_000, .max - 1, .max,
    ]

    @Test(arguments: extremes)
    func everyTimeHasATextAndADay(microseconds: Int64) throws {
        let time = Timestamp(microseconds: microseconds)
        let formats: [(Timestamp.Format, Int)] = [
            (.microsecondsUTC, 27), (.microsecondsWithoutZone, 26), (.secondsUTC, 20), (.basic, 16),
        ]
        for (format, length) in formats { #expect(time.formatted(format).utf8.count == length) }
        #expect(Timestamp(time.formatted(.microsecondsUTC)) == time.withinFourDigitYears)
        let day = CalendarDate(time)
        #expect(day.description.utf8.count == 10)
        #expect(day.startOfISOWeek <= day && day.startOfMonth <= day && day < day.startOfNextMonth)
        _ = (day.start, day.startOfNextMonth.start, day.startOfISOWeek.start, time.seconds, time.milliseconds)
    }

    @Test(arguments: extremes, [Int64.min, -1, 0, 1, .max])
    func movingATimeEndsAtTheEnds(microseconds: Int64, seconds: Int64) {
        let moved = Timestamp(microseconds: microseconds).adding(seconds: seconds)
        let isMovedRight = seconds >= 0 ? moved.microseconds >= microseconds : moved.microseconds <= microseconds
        #expect(isMovedRight && (seconds != 0 || moved.microseconds == microseconds))
        #expect((Timestamp(seconds: seconds) < Timestamp(seconds: 0)) == (seconds < 0))
    }

    @Test(arguments: [Int.min, -200_000_000, 200_000_000, Int.max])
    func daysFarAwayAreTheLastThereAre(count: Int) {
        let date = CalendarDate(daysSinceEpoch: count)
        #expect((date.daysSinceEpoch < 0) == (count < 0))
        #expect(date.adding(days: count).daysSinceEpoch.magnitude <= 106_751_991)
        #expect(date.description == (count < 0 ? "0000-01-01" : "9999-12-31"))
    }

    @Test func theWeekBeforeYearZeroIsWrittenAsItsFirstDay() {
        #expect(CalendarDate("0000-01-01")?.startOfISOWeek.description == "0000-01-01")
        #expect(CalendarDate("9999-12-31")?.adding(days: 1).description == "9999-12-31")
    }

    @Test(arguments: [
        (Int64.min, "1970-01-01T00:00:00Z"), (-1, "1970-01-01T00:00:00Z"), (0, "1970-01-01T00:00:00Z"),
        (253_402_300_800_000_000, "9999-12-31T23:59:59Z"), (.max, "9999-12-31T23:59:59Z"),
    ])
    func aClockThatIsSetWrongStaysWithinTheCalendar(microseconds: Int64, shown: String) {
        let clock = WallClock { Timestamp(microseconds: microseconds) }
        #expect(clock.now.formatted(.secondsUTC) == shown)
        #expect(clock.now.adding(seconds: 3_600).formatted(.secondsUTC).utf8.count == 20)
    }
}

struct CalendarDateTests {
    @Test func everyDayOfFourCenturiesFollowsTheOneBefore() {
        var previous = CalendarDate(daysSinceEpoch: -80_000)
        for count in -79_999...80_000 {
            let date = CalendarDate(daysSinceEpoch: count)
            #expect(date > previous && date.daysSinceEpoch == count)
            previous = date
        }
    }

    @Test(arguments: [
        ("2024-07-29", "2024-07-29"), ("2024-08-04", "2024-07-29"), ("2024-08-05", "2024-08-05"),
        ("1970-01-01", "1969-12-29"), ("2024-01-01", "2024-01-01"), ("2023-01-01", "2022-12-26"),
    ])
    func weeksStartOnMonday(day: String, monday: String) {
        #expect(CalendarDate(day)?.startOfISOWeek.description == monday)
    }

    @Test func monthsFollowEachOther() {
        #expect(CalendarDate("2024-12-31")?.startOfNextMonth.description == "2025-01-01")
        #expect(CalendarDate("2024-02-29")?.startOfMonth.description == "2024-02-01")
    }

    @Test(arguments: ["2024-02-30", "2024-13-01", "2024-00-01", "24-01-01", "2024-01-01 ", "2024/01/01", "２０２４-01-01"])
    func refusesDaysThatDoNotExist(text: String) {
        #expect(CalendarDate(text) == nil)
    }
}
