import TestSupport
import Testing
import Time

@testable import EventStore

@Suite struct LogPositionTests {
    private var identifiers = EventIdentifierSequence(after: nil)

    @Test mutating func aPositionHasEventsBeforeItAndBehindIt() {
        let first = identifiers.next(at: HandClock.start)
        let second = identifiers.next(at: HandClock.start)
        let position = LogPosition(after: first)
        #expect(position.includes(first) && !position.includes(second))
        #expect(LogPosition.start < position && position < LogPosition(after: second))
        #expect(LogPosition(after: second) < .end)
        #expect(!LogPosition.start.includes(first) && LogPosition.end.includes(second))
    }

    @Test mutating func aTimeParts() {
        let before = identifiers.next(at: HandClock.start)
        let position = LogPosition(at: HandClock.start.adding(seconds: 1))
        let after = identifiers.next(at: HandClock.start.adding(seconds: 1))
        #expect(position.includes(before) && !position.includes(after))
        // Every event before a position was stored by its time.
        #expect(LogPosition(after: before).time >= HandClock.start)
        #expect(LogPosition(after: before).time < HandClock.start.adding(seconds: 1))
    }

    @Test mutating func whatIsKeptIsTheSamePosition() {
        for position in [.start, .end, LogPosition(after: identifiers.next(at: HandClock.start))] {
            #expect(LogPosition(stored: position.stored) == position)
        }
        for text in ["", "x", "0197751d-3a40-7abc-8def-0123456789a"] { #expect(LogPosition(stored: text) == nil) }
    }
}
