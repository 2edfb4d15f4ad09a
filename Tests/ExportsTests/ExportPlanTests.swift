import Testing
import Time

@testable import Exports

@Suite struct ExportPlanTests {
    private func check(_ from: CalendarDate, _ to: CalendarDate) {
        let plan = ExportPlan(from: from, to: to)
        let weeks = plan.chunks.flatMap(\.weeks)
        // Shares follow each other without a gap or an overlap, from the first moment to the last.
        #expect(weeks.first?.start == from.start, "\(from) \(to)")
        #expect(weeks.last?.end == to.adding(days: 1).start, "\(from) \(to)")
        for (week, next) in zip(weeks, weeks.dropFirst()) { #expect(week.end == next.start, "\(from) \(to)") }
        for week in weeks {
            #expect(week.start < week.end)
            #expect(week.monday.startOfISOWeek == week.monday)
            #expect(week.monday.start <= week.start && week.end <= week.monday.adding(days: 7).start)
        }
        #expect(Set(weeks.map(\.monday)).count == weeks.count)
        // Every month that is touched, in order, and each week in the month it begins in.
        var months: [CalendarDate] = []
        var month = from.startOfMonth
        while month <= to {
            months.append(month)
            month = month.startOfNextMonth
        }
        #expect(plan.chunks.map(\.month) == months)
        for chunk in plan.chunks {
            for week in chunk.weeks { #expect(max(week.monday, from).startOfMonth == chunk.month) }
        }
    }

    @Test func everyMomentIsInExactlyOneWeek() {
        for _ in 0..<300 {
            let from = CalendarDate(daysSinceEpoch: Int.random(in: 0..<25_000))
            check(from, from.adding(days: [0, 1, 6, 7, 30, 31, 365, Int.random(in: 0..<1_200)].randomElement() ?? 0))
        }
    }

    @Test func everyDayOfALeapYearAlone() {
        var day = CalendarDate.day("2024-01-01")
        while day.year == 2024 {
            check(day, day)
            day = day.adding(days: 1)
        }
    }

    @Test func filesAreNamedByMondays() {
        let plan = ExportPlan(from: .day("2025-03-31"), to: .day("2025-05-01"))
        #expect(plan.chunks.map(\.month.description) == ["2025-03-01", "2025-04-01", "2025-05-01"])
        #expect(
            plan.chunks.map { $0.weeks.map(\.monday.description) } == [
                ["2025-03-31"], ["2025-04-07", "2025-04-14", "2025-04-21", "2025-04-28"], [],
            ])
        let midweek = ExportPlan(from: .day("2025-04-02"), to: .day("2025-04-03"))
        #expect(midweek.chunks.map { $0.weeks.map(\.monday.description) } == [["2025-03-31"]])
    }
}
