import Time

@testable import Contract
@testable import EventStore
@testable import Exports

/// Days, times and spans of days.
struct DateSubject: FuzzSubject {
    let samples: [[UInt8]] = .texts([
        "2025-05-11T07:45:30.123456Z", "2024-07-28 08:55:35.874555", "2023-08-16T09:22:44+03:00", "2024-02-29",
        "1969-12-31T23:59:59.999999Z", "0000-01-01T00:00:00+23:59", "9999-12-31T23:59:60-23:59", "2024-01-01T10:30",
        "0001-01-01 0001-02-03", "9999-11-01 9999-12-31", "2023-12-25 2024-01-07",
        "01890a5d-ac96-774b-bcce-b302099a8057",
    ])
    let tokens: [[UInt8]] = .texts([
        "0000", "0001", "9999", "2024", "-01", "-12", "-31", "-02-29", "T", " ", "23:59:60", "24:00:00", ".999999999",
        "Z",
        "+23:59", "-00:00", "+0300", ",5",
    ])

    func examine(_ input: [UInt8], _ random: inout FuzzRandom) throws -> String {
        let text = String(decoding: input, as: UTF8.self)
        var outcome = try check(anyTime: Timestamp(microseconds: Int64(bitPattern: random.next())), &random)
        if let time = Timestamp(text) {
            try require(Timestamp(time.formatted(.microsecondsUTC)) == time, "\(time) reads as another")
            try require(CalendarDate(time).start <= time, "\(time) is before its day")
            outcome += " time"
        }
        for format in [TextFormat.date, .dateTime] where input.withUnsafeBufferPointer(format.accepts) {
            outcome += " \(format)"
            if format == .date { try require(CalendarDate(text) != nil, "\(text) is a date and no day") }
        }
        if let id = EventIdentifier(text) {
            try require(EventIdentifier(id.description) == id, "\(id) reads as another")
            outcome += " id"
        }
        let days = text.split(separator: " ").compactMap { CalendarDate(String($0)) }
        guard let from = days.first else { return outcome }
        return outcome + (try check(from, days.last ?? from))
    }

    private func check(_ from: CalendarDate, _ to: CalendarDate) throws -> String {
        try require(CalendarDate(from.description) == from, "\(from) reads as another")
        try require(from.startOfISOWeek <= from && from < from.startOfNextMonth, "\(from) is outside its week or month")
        guard from <= to, to.daysSinceEpoch - from.daysSinceEpoch <= 40_000 else { return " day" }
        let plan = ExportPlan(from: from, to: to)
        let weeks = plan.chunks.flatMap(\.weeks)
        try require(weeks.first?.start == from.start, "\(from) is in no week")
        try require(weeks.last?.end == to.adding(days: 1).start, "\(to) is in no week")
        try require(zip(weeks, weeks.dropFirst()).allSatisfy { $0.end == $1.start }, "weeks with gaps")
        return " span \(min(plan.chunks.count, 20))"
    }

    private func check(anyTime time: Timestamp, _ random: inout FuzzRandom) throws -> String {
        _ = time.adding(seconds: Int64(bitPattern: random.next())).formatted(.secondsUTC)
        var sequence = EventIdentifierSequence(after: EventIdentifier(value: UInt128(random.next()) << 40))
        let (first, second) = (sequence.next(at: time), sequence.next(at: time))
        try require(first < second, "ids go backwards at \(time.microseconds)")
        _ = EventIdentifier(earliestAt: time)
        let day = CalendarDate(time)
        _ = (day.start, day.startOfNextMonth.start, day.startOfISOWeek.start, day.description, time.description)
        return time.microseconds < 0 ? "before" : "after"
    }
}
