import Testing
import Time

@testable import Projects

@Suite struct BillingCycleTests {
    @Test(
        arguments: [
            (1, nil, "2026-11-28T23:59:59Z", "2026-11-01", "2026-12-01"),
            (1, nil, "2026-12-01T00:00:00Z", "2026-12-01", "2027-01-01"),
            (12, nil, "2026-11-28T00:00:00Z", "2026-01-01", "2027-01-01"),
            (1, "2026-11-28T12:00:00Z", "2026-11-28T12:00:00Z", "2026-11-28", "2026-12-28"),
            (1, "2026-01-31T00:00:00Z", "2026-02-27T23:00:00Z", "2026-01-31", "2026-02-28"),
            (1, "2026-01-31T00:00:00Z", "2026-03-01T00:00:00Z", "2026-02-28", "2026-03-31"),
            (1, "2026-01-31T00:00:00Z", "2026-03-31T00:00:00Z", "2026-03-31", "2026-04-30"),
            (12, "2024-02-29T00:00:00Z", "2025-02-28T00:00:00Z", "2025-02-28", "2026-02-28"),
            (12, "2024-02-29T00:00:00Z", "2025-02-27T00:00:00Z", "2024-02-29", "2025-02-28"),
            (24, "2024-03-15T00:00:00Z", "2026-11-28T00:00:00Z", "2026-03-15", "2028-03-15"),
            // A clock that went back.
            (3, "2026-11-28T00:00:00Z", "2026-11-27T00:00:00Z", "2026-08-28", "2026-11-28"),
            (1, "2026-11-28T00:00:00Z", "2025-11-28T00:00:00Z", "2025-11-28", "2025-12-28"),
        ] as [(Int, String?, String, String, String)])
    func cyclesFollowEachOther(
        _ months: Int, _ booking: String?, _ now: String, _ start: String, _ end: String
    ) throws {
        let cycle = BillingCycle(
            months: months, since: booking.flatMap { Timestamp($0) }, at: try #require(Timestamp(now)))
        #expect("\(CalendarDate(cycle.start))" == start && "\(CalendarDate(cycle.end))" == end)
    }

    @Test(arguments: [Int.min, -1, 0, Int.max]) func whateverTheLength(_ months: Int) {
        for time in [Timestamp(microseconds: .min), Timestamp(microseconds: .max), Timestamp(seconds: 0)] {
            let cycle = BillingCycle(months: months, since: time, at: Timestamp(seconds: 1_750_000_000))
            #expect(cycle.start <= cycle.end)
        }
    }
}
