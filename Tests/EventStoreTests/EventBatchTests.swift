import TestSupport
import Testing
import Time

@testable import EventStore

@Suite struct EventBatchTests {
    @Test func textsReadBackAsSet() {
        var builder = EventBatchBuilder(receivedAt: HandClock.start)
        builder.begin(.track, in: .first, source: .webClient, surface: .sextant, occurredAt: HandClock.start)
        builder.set(.eventName, to: "first")
        builder.set(.eventName, to: "second")
        builder.set(.userID, to: "")
        builder.set(.properties, to: String(repeating: "ü", count: 32_768))
        builder.setScreen(width: 0, height: nil)
        builder.finish(in: .first)
        let batch = builder.build()
        let event = batch[0]
        #expect(event[.eventName] == "second")
        #expect(event[.userID] == "")
        #expect(event[.properties]?.utf8.count == 65_536)
        #expect(event[.companyID] == nil)
        #expect(event.screenWidth == 0)
        #expect(event.screenHeight == nil)
        #expect(event.withUTF8(of: .companyID) { $0 == nil })
        #expect(event.withUTF8(of: .userID) { $0?.count == 0 })
    }

    @Test func discardingTakesTheLastEventsOut() {
        var builder = EventBatchBuilder(receivedAt: HandClock.start)
        for name in ["a", "b", "c"] {
            builder.begin(.track, in: .first, source: .webClient, surface: .sextant, occurredAt: HandClock.start)
            builder.set(.eventName, to: name)
            builder.finish(in: .first)
        }
        builder.discard(downTo: 1)
        builder.begin(.track, in: .first, source: .webClient, surface: .sextant, occurredAt: HandClock.start)
        builder.set(.eventName, to: "d")
        builder.finish(in: .first)
        let batch = builder.build()
        #expect((0..<batch.count).map { batch[$0][.eventName] } == ["a", "d"])
    }

    @Test func namesRoundTrip() {
        for type in EventType.allCases { #expect(EventType(name: type.name) == type) }
        for source in EventSource.allCases { #expect(EventSource(name: source.name) == source) }
        for surface in EventSurface.allCases { #expect(EventSurface(name: surface.name) == surface) }
        #expect(EventType(name: "Track") == nil)
        #expect(EventSource(name: "") == nil)
        #expect(Set(EventField.allCases.map(\.column)).count == EventField.allCases.count)
    }
}
