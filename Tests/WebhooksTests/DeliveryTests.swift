import ControlStore
import Cryptography
import EventStore
import StoreTestSupport
import Testing
import Time

@testable import Webhooks

struct DeliveryTests {
    let temporary: TemporaryStore
    let deliveries: DeliveryStore
    let now = Timestamp(seconds: 1_000_000)

    init() throws {
        temporary = try TemporaryStore()
        deliveries = DeliveryStore(store: temporary.store)
    }

    private func subscription() async throws -> Subscription {
        try await temporary.store.write { database in
            let id = try database.insert(
                sql: """
                    INSERT INTO webhook_subscriptions (
                        environment_id, name, callback_url, event_type, state, position, created_at, updated_at)
                    VALUES (1, 'n', 'https://example.com', 'CUSTOM', 'active', ?, 0, 0)
                    """, arguments: [LogPosition.start.stored])
            return try #require(try SubscriptionStore.fetch(id, 1, from: database))
        }
    }

    private func attempt(_ outcome: DeliveryAttempt.Outcome, user: String = "ann") -> DeliveryAttempt {
        var attempt = DeliveryAttempt(outcome, status: outcome == .delivered ? 200 : 500, answer: "said")
        attempt.messageID = "msg"
        attempt.userID = user
        attempt.body = Array("{}".utf8)
        return attempt
    }

    @Test func nineDelaysAndThenItIsGivenUp() async throws {
        let subscription = try await subscription()
        let position = WebhookPosition(log: LogPosition(at: now))
        #expect(
            try await deliveries.store([attempt(.refused)], of: subscription, position: position, at: now))
        var time = now
        for delay in DeliverySchedule.delays {
            let (waiting) = try #require(
                try await deliveries.list(subscriptionID: subscription.id, state: .waiting, limit: 10).first)
            let next = try #require(waiting.nextAttemptAt)
            let waited = next.microseconds - time.microseconds
            #expect(waited >= delay * 1_000_000 && waited <= delay * 1_100_000)
            #expect(try await deliveries.due(subscription.id, at: next, limit: 10).map(\.id) == [waiting.id])
            time = next
            var again = DeliveryAttempt(.refused, status: nil, answer: "nothing")
            again.delivery = waiting
            _ = try await deliveries.store([again], of: subscription, position: nil, at: time)
        }
        let (last) = try #require(
            try await deliveries.list(subscriptionID: subscription.id, state: .failed, limit: 10).first)
        #expect(last.attempts == DeliverySchedule.attempts && last.nextAttemptAt == nil)
        #expect(try await deliveries.due(at: Timestamp.latest).isEmpty)
        #expect(try await deliveries.replay(subscriptionID: subscription.id, from: last.id, to: last.id, at: time) == 1)
        #expect(try await deliveries.due(at: time) == [subscription.id])
    }

    @Test(arguments: [(1, Int64(600), Int64(600)), (1, 2, 5), (1, 1_000_000, 86_400), (1, -5, 5), (2, 10, 300)])
    func theReceiverMayAskForLonger(attempts: Int, asked: Int64, waited: Int64) throws {
        let next = try #require(DeliverySchedule.next(after: attempts, at: now, retryAfterSeconds: asked))
        let seconds = next.seconds - now.seconds
        #expect(seconds >= waited && seconds <= waited + waited / 10 + 1)
    }

    @Test func theFirstAttemptsAndTheLastHaveNoFurther() {
        #expect(DeliverySchedule.next(after: 0, at: now, retryAfterSeconds: nil) == nil)
        #expect(DeliverySchedule.next(after: DeliverySchedule.attempts, at: now, retryAfterSeconds: nil) == nil)
    }

    @Test func aPositionThatSomebodyMovedStays() async throws {
        let subscription = try await subscription()
        try await temporary.store.write { database in
            try database.execute(
                sql: "UPDATE webhook_subscriptions SET position = ?",
                arguments: [LogPosition(at: Timestamp(seconds: 5)).stored])
        }
        let goesOn = try await deliveries.store(
            [attempt(.delivered)], of: subscription, position: WebhookPosition(log: LogPosition(at: now)), at: now)
        #expect(!goesOn)
        let stored = try await temporary.store.read { try SubscriptionStore.fetch(subscription.id, 1, from: $0) }
        #expect(stored?.position.log == LogPosition(at: Timestamp(seconds: 5)))
    }

    @Test func positionsThatMoveByThemselvesNeverGoBack() async throws {
        let subscription = try await subscription()
        func position() async throws -> WebhookPosition? {
            try await temporary.store.read { try SubscriptionStore.fetch(subscription.id, 1, from: $0)?.position }
        }
        let (near, far) = (
            WebhookPosition(log: LogPosition(at: Timestamp(seconds: 5))),
            WebhookPosition(log: LogPosition(at: Timestamp(seconds: 9)))
        )
        try await deliveries.move([(subscription, far)])
        #expect(try await position() == far)
        try await deliveries.move([(subscription, near)])
        #expect(try await position() == far)
        // Whoever was changed meanwhile stays where it was put.
        try await temporary.store.write { try $0.execute(sql: "UPDATE webhook_subscriptions SET updated_at = 1") }
        try await deliveries.move([(subscription, WebhookPosition(log: .end, announcement: 5))])
        #expect(try await position() == far)
    }

    @Test func onlyChangesOfSubscriptionsAreNoticed() async throws {
        let watch = TableWatch(
            temporary.store, tables: ["webhook_subscriptions"], except: ["position", "announcement_id"])
        let subscription = try await subscription()
        #expect(watch.count == 1)
        try await deliveries.move([(subscription, WebhookPosition(log: .end, announcement: 5))])
        #expect(watch.count == 1)
        try await temporary.store.write { database in
            try database.execute(sql: "UPDATE webhook_subscriptions SET position = '', state = 'paused'")
        }
        #expect(watch.count == 2)
        try await temporary.store.write { try $0.execute(sql: "DELETE FROM environments WHERE id = 1") }
        #expect(watch.count == 3)
    }

    /// Those behind it are sent and listed all the same.
    @Test func aMessageThatCannotBeReadHoldsUpNoOthers() async throws {
        let subscription = try await subscription()
        for _ in 0..<3 {
            _ = try await deliveries.store(
                [attempt(.refused)], of: subscription, position: subscription.position, at: now)
        }
        let all = try await deliveries.list(subscriptionID: subscription.id, state: nil, limit: 10).map(\.id)
        try #require(all.count == 3)
        try await temporary.store.write { database in
            try database.execute(
                sql: "UPDATE webhook_deliveries SET attempts = 'many' WHERE id IN (?, ?)", arguments: [all[1], all[2]])
        }
        #expect(try await deliveries.due(subscription.id, at: .latest, limit: 1).map(\.id) == [all[0]])
        for state in [nil, Delivery.State.waiting] {
            #expect(
                try await deliveries.list(subscriptionID: subscription.id, state: state, limit: 1).map(\.id) == [all[0]]
            )
        }
    }

    @Test func goneDisables() async throws {
        let subscription = try await subscription()
        let goesOn = try await deliveries.store(
            [attempt(.delivered), attempt(.gone)], of: subscription,
            position: WebhookPosition(log: LogPosition(at: now)), at: now)
        let stored = try await temporary.store.read { try SubscriptionStore.fetch(subscription.id, 1, from: $0) }
        #expect(!goesOn && stored?.state == .disabled && stored?.position.log == LogPosition(at: now))
    }

    @Test func onlySoManyAreKept() async throws {
        let subscription = try await subscription()
        let many = (0..<DeliveryStore.keptCount + 50).map { _ in attempt(.delivered) }
        _ = try await deliveries.store(many + [attempt(.refused)], of: subscription, position: nil, at: now)
        try await deliveries.prune(subscription.id)
        let kept = try await deliveries.list(subscriptionID: subscription.id, state: nil, limit: 5_000)
        #expect(kept.count(where: { $0.state == .delivered }) == DeliveryStore.keptCount)
        #expect(kept.first?.state == .waiting)
    }

    @Test func onlySoManyBytesAreKept() async throws {
        let subscription = try await subscription()
        var large = attempt(.delivered)
        large.body = Array(repeating: UInt8(ascii: "1"), count: DeliveryStore.keptBytes / 4)
        for _ in 0..<10 { _ = try await deliveries.store([large], of: subscription, position: nil, at: now) }
        try await deliveries.prune(subscription.id)
        #expect(try await deliveries.list(subscriptionID: subscription.id, state: nil, limit: 20).count == 4)
        large = attempt(.refused)
        large.body = Array(repeating: UInt8(ascii: "1"), count: DeliveryStore.maximumWaitingBytes)
        #expect(try await deliveries.hasRoom(subscription.id))
        _ = try await deliveries.store([large], of: subscription, position: nil, at: now)
        #expect(try await !deliveries.hasRoom(subscription.id))
    }

    @Test func whoIsDeletedLeavesTheLog() async throws {
        let subscription = try await subscription()
        _ = try await deliveries.store(
            [attempt(.delivered), attempt(.refused), attempt(.delivered, user: "bob")], of: subscription, position: nil,
            at: now)
        try await deliveries.remove(users: [DeletedSubjects(["ann"], upTo: .end)], environmentID: 2)
        #expect(try await deliveries.list(subscriptionID: subscription.id, state: nil, limit: 10).count == 3)
        try await deliveries.remove(users: [DeletedSubjects(["ann"], upTo: .end)], environmentID: 1)
        #expect(try await deliveries.list(subscriptionID: subscription.id, state: nil, limit: 10).count == 1)
        // What was read of them before comes too late.
        _ = try await deliveries.store(
            [attempt(.delivered), attempt(.delivered, user: "bob")], of: subscription, position: nil, at: now)
        #expect(try await deliveries.list(subscriptionID: subscription.id, state: nil, limit: 10).count == 2)
    }

    @Test func whoComesBackIsToldOfAgain() async throws {
        let subscription = try await subscription()
        let asked = LogPosition(at: now)
        try await deliveries.remove(users: [DeletedSubjects(["ann"], upTo: asked)], environmentID: 1)
        for seconds: Int64 in [-1, 1] {
            var told = attempt(.delivered)
            told.messageID = "msg_\(EventIdentifier(earliestAt: now.adding(seconds: seconds)))_\(subscription.id)"
            _ = try await deliveries.store([told], of: subscription, position: nil, at: now)
            let count = try await deliveries.list(subscriptionID: subscription.id, state: nil, limit: 10).count
            #expect(count == (seconds < 0 ? 0 : 1))
        }
    }
}
