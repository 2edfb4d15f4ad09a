import Testing

@testable import Gateway

@Suite struct BodyDeadlineTests {
    @Test(arguments: [
        // Bytes, seconds, whether it is given up.
        (0, 9.0, false), (0, 11.0, true), (2_000, 11.0, true), (20_000, 11.0, false),
        // The drip of 1.4 KB/s that once could hold nine megabytes for hours.
        (1_400 * 59, 59.0, false), (1_400 * 64, 64.0, true),
        // A line of 64 KB/s may take its time for 50 MB, up to ten minutes.
        (64_000 * 500, 500.0, false), (64_000 * 601, 601.0, true), (50_000_000, 599.0, false),
    ])
    func slowBodiesAreGivenUp(_ bytes: Int, _ seconds: Double, _ isPassed: Bool) {
        #expect(BodyDeadline.isPassed(receivedBytes: bytes, after: seconds) == isPassed)
    }

    /// Nobody reads it before the answers before it are over, however long these take.
    @Test func aBodyThatWaitsItsTurnIsNotSlow() {
        var pace = BodyPace()
        pace.begin(isFirst: false, at: 100)
        pace.receive(2_000)
        #expect(!pace.isTooSlow(at: 1_000))
        pace.takeTurn(at: 1_000)
        #expect(!pace.isTooSlow(at: 1_014))
        #expect(pace.isTooSlow(at: 1_016))
        pace.receive(50_000)
        #expect(!pace.isTooSlow(at: 1_016))
        // Only its own turn counts.
        pace.takeTurn(at: 1_060)
        #expect(pace.isTooSlow(at: 1_068))
        pace.end()
        pace.takeTurn(at: 2_000)
        #expect(!pace.isTooSlow(at: 9_000))
        pace.begin(isFirst: true, at: 3_000)
        #expect(pace.isTooSlow(at: 3_016))
    }
}
