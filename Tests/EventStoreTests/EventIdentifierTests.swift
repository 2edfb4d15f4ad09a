import Foundation
import TestSupport
import Testing
import Time

@testable import EventStore

@Suite struct EventIdentifierTests {
    @Test func textRoundTrips() throws {
        for value: UInt128 in [0, 1, .max, 0x0123_4567_89AB_CDEF_0123_4567_89AB_CDEF] {
            let identifier = EventIdentifier(value: value)
            #expect(EventIdentifier(identifier.description) == identifier)
        }
        let text = "0197751d-3a40-7abc-8def-0123456789ab"
        #expect(EventIdentifier(text)?.description == text)
        #expect(EventIdentifier(text.uppercased())?.description == text)
        #expect(UUID(uuidString: text) != nil)
    }

    @Test(arguments: [
        "", "x", "0197751d3a407abc8def0123456789ab", "0197751d-3a40-7abc-8def-0123456789a",
        "0197751d-3a40-7abc-8def-0123456789abc", "0197751d-3a40-7abc-8def-0123456789ag",
        "0197751d_3a40-7abc-8def-0123456789ab", "0197751d-3a40-7abc-8def-0123456789a-",
        "{0197751d-3a40-7abc-8def-0123456789ab}", "0197751d-3a40-7abc-8def-0123456789\u{e9}",
        "٠197751d-3a40-7abc-8def-0123456789ab",
    ])
    func otherTextsAreRefused(_ text: String) {
        #expect(EventIdentifier(text) == nil)
    }

    @Test func idsAreVersion7OfTheirMillisecond() throws {
        var sequence = EventIdentifierSequence(after: nil)
        let time = Timestamp(microseconds: 1_750_000_000_123_456)
        for _ in 0..<100 {
            let text = sequence.next(at: time).description
            let characters = Array(text)
            #expect(characters[14] == "7")
            #expect(["8", "9", "a", "b"].contains(characters[19]))
            #expect(EventIdentifier(text)?.milliseconds == 1_750_000_000_123)
        }
    }

    @Test func textsSortLikeIds() {
        var sequence = EventIdentifierSequence(after: nil)
        var identifiers: [EventIdentifier] = []
        for step in 0..<500 {
            identifiers.append(
                sequence.next(at: Timestamp(microseconds: 1_750_000_000_000_000 + Int64(step / 7) * 977)))
        }
        #expect(identifiers == identifiers.sorted())
        #expect(identifiers.map(\.description) == identifiers.map(\.description).sorted())
        #expect(Set(identifiers).count == identifiers.count)
    }

    @Test func idsRiseWhenTheClockStandsStillOrStepsBack() {
        var sequence = EventIdentifierSequence(after: nil)
        var last = sequence.next(at: HandClock.start)
        for step in 0..<10_000 {
            let next = sequence.next(at: HandClock.start.adding(seconds: step.isMultiple(of: 3) ? 0 : -Int64(step)))
            guard next > last else {
                Issue.record("\(next) does not follow \(last)")
                return
            }
            last = next
        }
        #expect(last.milliseconds == HandClock.start.milliseconds)
        // Once the clock is past the last id's time again, ids bear its time again.
        let later = sequence.next(at: HandClock.start.adding(seconds: 1))
        #expect(later.milliseconds == HandClock.start.milliseconds + 1_000)
    }

    @Test func aFullMillisecondBorrowsTheNext() {
        let full = EventIdentifier(value: 0x0197_751D_3A40_7FFF_BFFF_FFFF_FFFF_FFFF)
        var sequence = EventIdentifierSequence(after: full)
        let next = sequence.next(at: Timestamp(microseconds: 0))
        #expect(next.description == "0197751d-3a41-7000-8000-000000000000")
    }

    @Test func timesBeforeTheEpochAreTheEpoch() {
        var sequence = EventIdentifierSequence(after: nil)
        let first = sequence.next(at: Timestamp(seconds: -5))
        #expect(first.milliseconds == 0)
        #expect(EventIdentifier(earliestAt: Timestamp(seconds: -5)).milliseconds == 0)
    }

    @Test func theEarliestIdOfATimeComesBeforeAllOthers() {
        for _ in 0..<200 {
            var sequence = EventIdentifierSequence(after: nil)
            let identifier = sequence.next(at: HandClock.start)
            #expect(EventIdentifier(earliestAt: HandClock.start) <= identifier)
            #expect(identifier < EventIdentifier(earliestAt: HandClock.start.adding(seconds: 1)))
        }
    }

    @Test func idsRiseAcrossARestartWithAClockThatSteppedBack() async throws {
        let hand = HandClock()
        let log = try Log()
        let first = try log.committer(hand.clock).commit([.named(["a", "b"])]).outcomes[0].compactMap(\.identifier)
        hand.advance(seconds: -3_600)
        let second = try log.committer(hand.clock).commit([.named(["c"])]).outcomes[0].compactMap(\.identifier)
        #expect(first[0] < first[1])
        #expect(first[1] < second[0])
        #expect(try await log.store.end() == LogPosition(after: second[0]))
    }
}
