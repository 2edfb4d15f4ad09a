import Gateway
import HTTPTypes
import Testing
import Time

@testable import GainsightAPI

@Suite struct EventSpanTests {
    /// 2025-06-15T15:06:40Z
    private static let now = Timestamp(seconds: 1_750_000_000)
    private static let day: Int64 = 86_400

    private func range(
        _ filters: String..., start: Timestamp? = nil, end: Timestamp? = nil
    ) throws -> Range<Timestamp> {
        try EventSpan(FilterExpression(filters), start: start, end: end, now: Self.now).range
    }

    /// The milliseconds from now, both included.
    private func milliseconds(_ first: Int64, _ last: Int64) -> Range<Timestamp> {
        let now = Self.now.microseconds
        return Timestamp(microseconds: now + first * 1_000)..<Timestamp(microseconds: now + (last + 1) * 1_000)
    }

    @Test func withoutADateTheLastDay() throws {
        for range in [try range(), try range("identifyId==ann"), try range("date!=1750000000000")] {
            #expect(range.lowerBound == Self.now.adding(seconds: -Self.day))
            #expect(range.contains(Self.now))
        }
    }

    @Test func bothEndsAreIncluded() throws {
        let text = "date>=1749999999000;date<=1750000000000"
        #expect(try range(text) == milliseconds(-1_000, 0))
        #expect(try range("date>1749999999000;date<1750000000000") == milliseconds(-999, -1))
        #expect(try range("date==1750000000000") == milliseconds(0, 0))
    }

    @Test func timesAreMillisecondsOrISO() throws {
        let written = try range("date>=2025-06-15T15:06:39Z;date<=2025-06-15T15:06:40Z")
        #expect(written == milliseconds(-1_000, 0))
        let days = try range("date>=2025-06-14;date<2025-06-15")
        #expect(days.upperBound.seconds - days.lowerBound.seconds == Self.day)
        for text in ["date>=yesterday", "date==", "date>=99999999999999999999", "date>=-99999999999999999"] {
            let error = #expect(throws: APIError.self) { try range(text) }
            #expect(error?.status == .badRequest)
        }
    }

    @Test func oneEndIsEnough() throws {
        // From then until now, and the day before then.
        #expect(try range("date>=1749000000000").contains(Self.now))
        let until = try range("date<1749000000000")
        #expect(until.upperBound == Timestamp(seconds: 1_749_000_000))
        #expect(until.lowerBound == Timestamp(seconds: 1_749_000_000 - Self.day))
    }

    @Test func parametersAndFilterMeet() throws {
        let (start, end) = (Timestamp(seconds: 1_749_000_000), Timestamp(seconds: 1_749_500_000))
        #expect(try range(start: start, end: end) == start..<end)
        let narrower = try range("date>=1749100000000", start: start, end: end)
        #expect(narrower == Timestamp(seconds: 1_749_100_000)..<end)
        #expect(try range("date>1749600000000", start: start, end: end).isEmpty)
    }

    @Test func alternativesSpanWhatAnyOfThemMayFind() throws {
        let both = try range("date==1749000000000", "date==1749500000000")
        #expect(both.contains(Timestamp(seconds: 1_749_000_000)) && both.contains(Timestamp(seconds: 1_749_500_000)))
    }

    @Test func moreThan190DaysIsRefused() throws {
        let now = Self.now.milliseconds
        let most = now - 190 * Self.day * 1_000
        #expect(try range("date>=\(most);date<=\(now)").contains(Timestamp(microseconds: most * 1_000)))
        let tooEarly = now - 192 * Self.day * 1_000
        for filters in [["date>=\(tooEarly);date<=\(now)"], ["date>=\(tooEarly)"], ["date==\(tooEarly)", "a==1"]] {
            let error = #expect(throws: APIError.self) {
                try EventSpan(FilterExpression(filters), start: nil, end: nil, now: Self.now)
            }
            // A client looks for these very words.
            #expect(error?.message == "Exceeded date range190days")
        }
        // Long ago is well, and so is an end in the far future.
        #expect(try !range("date>=1000000000000;date<1000000001000").isEmpty)
        #expect(try !range("date>=\(most);date<=9999999999999").isEmpty)
    }

    @Test func datesHaveNoPatterns() {
        for text in ["date~2025*", "date!~2025*"] {
            #expect(throws: APIError.self) { try range(text) }
        }
    }
}
