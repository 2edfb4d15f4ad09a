import Testing
import Time

@testable import Webhooks

struct RetryAfterTests {
    /// Sun, 06 Nov 1994 08:49:37 GMT
    private let date = Timestamp(seconds: 784_111_777)

    @Test(arguments: [
        ("120", Int64(120)), ("0", 0), (" 7 ", 7), ("86401", 86_400), ("99999999999999999999999", 86_400),
    ])
    func secondsAreTakenUpToADay(text: String, seconds: Int64) {
        #expect(RetryAfter.seconds(text, at: date) == seconds)
    }

    @Test(arguments: [
        "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        "Sun Nov 06 08:49:37 1994",
    ])
    func datesAreReadInAllThreeForms(text: String) {
        #expect(RetryAfter.seconds(text, at: date.adding(seconds: -90)) == 90)
        #expect(RetryAfter.seconds(text, at: date) == 0)
        #expect(RetryAfter.seconds(text, at: date.adding(seconds: 500)) == 0)
        #expect(RetryAfter.seconds(text, at: date.adding(seconds: -1_000_000)) == 86_400)
    }

    @Test func yearsOfTwoDigitsAreNear() {
        let now = Timestamp(seconds: 1_793_491_200)  // 2026-11-01
        #expect(RetryAfter.seconds("Sunday, 01-Nov-26 00:00:10 GMT", at: now) == 10)
        #expect(RetryAfter.seconds("Sunday, 01-Nov-76 00:00:10 GMT", at: now) == 86_400)
        // 1977, not 2077.
        #expect(RetryAfter.seconds("Sunday, 01-Nov-77 00:00:10 GMT", at: now) == 0)
    }

    @Test(arguments: [
        "", " ", "soon", "-1", "+5", "1.5", "1e3", "٣", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET",
        "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:49 GMT",
        "Foo, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-1994 08:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT", "Sun Nov 6 08:49:37 94", "Sunday, 06-Nov 08:49:37 GMT",
        String(repeating: "1", count: 100),
    ])
    func anythingElseIsNothing(text: String) {
        #expect(RetryAfter.seconds(text, at: date.adding(seconds: -90)) == nil)
    }
}
