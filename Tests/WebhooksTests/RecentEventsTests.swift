import ControlStore
import EventStore
import Foundation
import JSON
import Logging
import TestSupport
import Testing
import Text
import Time

@testable import EventStore
@testable import Webhooks

/// Events that many subscriptions share.
struct RecentEventsTests {
    private let folder: TemporaryFolder
    private let hand = HandClock()
    private let log: EventStore
    private let committer: EventCommitter
    private let recent: RecentEvents
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init() throws {
        folder = try TemporaryFolder()
        log = try EventStore(path: folder.file("events.duckdb"), logger: Self.logger)
        committer = try EventCommitter(
            store: log, clock: hand.clock, rememberedEventIDs: 1_000, logger: Self.logger)
        recent = RecentEvents(log: log, form: NamedEvents())
    }

    /// Types are names of custom events; `ALL` is all of them.
    private struct NamedEvents: WebhookForm {
        func source(of eventType: String) -> WebhookSource {
            let terms: [[EventList.Term]] =
                eventType == "ALL" ? [] : [[.text(.field(.eventName), .equal, eventType)]]
            return .log(WebhookSelection(types: [.track], alternatives: terms))
        }
        func body(of event: LoggedEvent, for subscription: Subscription) async throws -> [UInt8]? { [] }
        func body(of announcement: Announcement, for subscription: Subscription) -> [UInt8] { [] }
    }

    private func commit(_ names: [String], environment: Int64 = 1) throws {
        var builder = EventBatchBuilder(receivedAt: hand.now)
        let stream = EventStream(environmentID: environment, projectID: 1, appToken: "NX-1")
        for name in names {
            builder.begin(.track, in: stream, source: .backendHTTP, surface: .userpilot, occurredAt: hand.now)
            builder.set(.userID, to: "ann")
            builder.set(.eventName, to: name)
            builder.finish(in: stream)
        }
        _ = try committer.commit([builder.build()])
    }

    private func subscription(_ type: String, environment: Int64 = 1, id: Int64 = 1) -> Subscription {
        Subscription(
            id: id, environmentID: environment, name: "n", callbackURL: "https://example.com/", eventType: type,
            state: .active, reason: nil, position: WebhookPosition(log: .start), secretVersion: 1,
            secretRotatedAt: nil, createdAt: hand.now, updatedAt: hand.now)
    }

    private func catchUp(_ followers: (Subscription, LogPosition)...) async throws {
        let end = try await log.end() ?? .start
        let errors = try await recent.catchUp(followers.map { ($0.0, $0.1) }, newest: { _ in end })
        #expect(errors.isEmpty)
    }

    /// Nil when it is to read alone.
    private func found(_ subscription: Subscription, _ position: LogPosition) -> (names: [String], end: LogPosition)? {
        guard case .events(let events, let end) = recent.events(of: subscription, behind: position) else { return nil }
        return (events.compactMap { $0.event[.eventName] }, end)
    }

    @Test func eachIsGivenItsOwn() async throws {
        let (all, paid, unheard) = (subscription("ALL"), subscription("PAID"), subscription("unheard"))
        try commit(["before"])
        let start = try #require(try await log.end())
        try commit(["paid", "seen"])
        try commit(["paid"], environment: 2)
        try commit(["Paid"])
        try await catchUp((all, start), (paid, start), (unheard, start))
        let end = try #require(try await log.end())
        #expect(found(all, start)?.names == ["paid", "seen", "Paid"] && found(all, start)?.end == end)
        // Without case, as the log itself compares.
        #expect(found(paid, start)?.names == ["paid", "Paid"])
        #expect(found(unheard, start)?.names == [] && found(unheard, start)?.end == end)
        #expect(recent.hasEvents(of: paid, behind: start) == true)
        #expect(recent.hasEvents(of: unheard, behind: start) == false)
        #expect(found(all, end)?.names == [])
    }

    @Test func whoIsBehindReadsAloneAndComesUp() async throws {
        try commit(["one"])
        let (first, early) = (try #require(try await log.end()), LogPosition.start)
        let (near, far) = (subscription("ALL"), subscription("ALL", id: 2))
        try commit(["two"])
        try await catchUp((near, first), (far, early))
        #expect(found(near, first)?.names == ["two"])
        #expect(found(far, early) == nil && recent.hasEvents(of: far, behind: early) == nil)
        let second = try #require(try await log.end())
        try commit(["three"])
        try await catchUp((near, second), (far, first))
        // What all who are near have passed is let go.
        #expect(found(far, second)?.names == ["three"] && found(near, second)?.names == ["three"])
    }

    @Test func aNewTypeBeginsANewWindow() async throws {
        let all = subscription("paid")
        try commit(["paid", "seen"])
        try await catchUp((all, .start))
        let end = try #require(try await log.end())
        let named = subscription("seen", id: 2)
        try commit(["seen"])
        try await catchUp((all, .start), (named, end))
        #expect(found(named, end)?.names == ["seen"] && found(all, .start) == nil)
        // Whose subscriptions are gone is held no more.
        try await catchUp()
        #expect(recent.end(environmentID: 1) == nil)
    }

    @Test func theOldestGoesWhenThereIsTooMuch() async throws {
        let all = subscription("ALL")
        for _ in 0..<7 { try commit((0..<1_000).map { "e\($0)" }) }
        try await catchUp((all, .start))
        for _ in 0..<10 { try await catchUp((all, .start)) }
        #expect(recent.end(environmentID: 1) == (try await log.end()))
        #expect(found(all, .start) == nil)
    }
}
