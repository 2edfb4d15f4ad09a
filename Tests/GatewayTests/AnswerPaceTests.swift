import Testing

@testable import Gateway

@Suite struct AnswerPaceTests {
    private let pace = AnswerPace(AnswerPace.Limits())

    @Test func whoReadsNothingIsGivenUp() {
        var pace = pace
        pace.handOver(at: 1_000)
        #expect(!pace.isTooSlow(at: 1_119, isScarce: false))
        #expect(pace.isTooSlow(at: 1_121, isScarce: false))
    }

    /// 64 KB a minute, for hours.
    @Test func whoReadsSteadilyIsNot() {
        var pace = pace
        pace.handOver(at: 0)
        for minute in 1...600 {
            pace.handOver(at: Double(minute) * 60)
            #expect(!pace.isTooSlow(at: Double(minute) * 60, isScarce: false))
            pace.write(64 * 1_024, at: Double(minute) * 60)
        }
    }

    @Test func whoReadsTooLittleIsGivenUpInTheEnd() {
        var pace = pace
        var minutes = 0
        pace.handOver(at: 0)
        while !pace.isTooSlow(at: Double(minutes) * 60, isScarce: false), minutes < 600 {
            minutes += 1
            pace.handOver(at: Double(minutes) * 60)
            pace.write(6 * 1_024, at: Double(minutes) * 60)
        }
        #expect((2...5).contains(minutes))
    }

    /// What was read quickly earns no long rest.
    @Test func creditHasAnEnd() {
        var pace = pace
        pace.handOver(at: 0)
        pace.handOver(at: 0)
        pace.write(1_000_000_000, at: 1)
        #expect(!pace.isTooSlow(at: 120, isScarce: false))
        #expect(pace.isTooSlow(at: 122, isScarce: false))
    }

    /// Requests that were sent ahead are answered before the first answer is read.
    @Test func theNextAnswerEarnsNothingWhileTheLastIsNotRead() {
        var pace = pace
        pace.handOver(at: 0)
        pace.begin()
        pace.handOver(at: 100)
        #expect(pace.isTooSlow(at: 121, isScarce: false))
        pace.write(1, at: 119)
        pace.write(1, at: 119)
        pace.begin()
        pace.handOver(at: 120)
        #expect(!pace.isTooSlow(at: 239, isScarce: false))
    }

    @Test func timeWithoutAnythingToWriteDoesNotCount() {
        var pace = pace
        for second in stride(from: 0.0, to: 10_000, by: 500) {
            pace.handOver(at: second)
            pace.write(1, at: second)
            #expect(!pace.isTooSlow(at: second + 499, isScarce: true))
        }
    }

    @Test func memoryThatIsScarceIsGivenUpSooner() {
        var pace = pace
        pace.handOver(at: 0)
        #expect(!pace.isTooSlow(at: 14, isScarce: true))
        #expect(!pace.isTooSlow(at: 16, isScarce: false))
        #expect(pace.isTooSlow(at: 16, isScarce: true))
    }
}
