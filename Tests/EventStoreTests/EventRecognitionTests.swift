import TestSupport
import Testing
import Time

@testable import EventStore

/// Which rows of an exported file are stored already, however long ago.
@Suite struct EventRecognitionTests {
    private let hand = HandClock()

    private func mark(_ ids: String..., at time: Timestamp = HandClock.start) -> EventMark {
        EventMark(ids: ids, occurredAt: time)
    }

    @Test func eventsAreKnownByTheServersIDAndByTheClients() async throws {
        let log = try Log()
        let commit = try log.committer(hand.clock).commit([
            .named(["a", "b"], ids: ["own a", nil]), .withIDs(["elsewhere"], in: .second),
        ])
        let ids = commit.outcomes.joined().compactMap { $0.identifier?.description }
        let other = HandClock.start.adding(seconds: 1)
        let marks = [
            mark("own a"), mark(ids[1]), mark("unknown", ids[0]), mark("own a", at: other), mark(ids[0], at: other),
            mark("unknown"), mark(), mark(ids[2]), mark("elsewhere"), mark("own A"),
        ]
        #expect(try await log.store.recognize(marks, environmentID: 1) == [0, 1, 2, 4])
        #expect(try await log.store.recognize(marks, environmentID: 2) == [7, 8])
        #expect(try await log.store.recognize([], environmentID: 1) == [])
    }

    /// Long after the ids of clients are no longer remembered.
    @Test func ageDoesNotMatter() async throws {
        let log = try Log()
        let committer = try log.committer(hand.clock)
        _ = try committer.commit([.withIDs(["a"])])
        hand.advance(seconds: 400 * 86_400)
        #expect(try committer.commit([.withIDs(["b"])]).acceptedCount == 1)
        #expect(try await log.store.recognize([mark("a"), mark("c")], environmentID: 1) == [0])
    }
}
