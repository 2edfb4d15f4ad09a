public import ControlStore
public import EventStore
import Text
public import Time

/// What was sent, what waits to be sent again, and what was given up.
public struct DeliveryStore: Sendable {
    let store: ControlStore
    private let removals = RecentRemovals()

    /// Delivered and failed messages of a subscription that are kept, each.
    static let keptCount = 1_000
    /// Bytes of them, each.
    static let keptBytes = 16 * 1_024 * 1_024
    /// Messages of a subscription that may wait; until there are fewer no more are taken from the log.
    static let maximumWaiting = 1_000
    /// Bytes of them.
    static let maximumWaitingBytes = 32 * 1_024 * 1_024

    public init(store: ControlStore) {
        self.store = store
    }

    /// A page, newest first.
    /// - Parameter before: the last id of the page before.
    public func list(
        subscriptionID: Int64, state: Delivery.State?, before id: Int64? = nil, limit: Int
    ) async throws -> [Delivery] {
        try await store.read { database in
            try Row.page(of: "delivery", behind: id ?? .max, limit: limit, as: Delivery.init(row:)) { id, limit in
                try database.rows(
                    sql: state == nil
                        ? """
                        SELECT * FROM webhook_deliveries WHERE subscription_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3
                        """
                        : """
                        SELECT * FROM webhook_deliveries WHERE subscription_id = ?1 AND state = ?4 AND id < ?2
                        ORDER BY id DESC LIMIT ?3
                        """,
                    arguments: state == nil
                        ? [subscriptionID, id, limit] : [subscriptionID, id, limit, state?.rawValue])
            }
        }
    }

    /// Nil when the subscription has no delivery with this id.
    public func delivery(_ id: Int64, subscriptionID: Int64) async throws -> Delivery? {
        try await store.read { database in
            try database.row(
                sql: "SELECT * FROM webhook_deliveries WHERE id = ? AND subscription_id = ?",
                arguments: [id, subscriptionID]
            ).map(Delivery.init(row:))
        }
    }

    /// Has messages sent again at once, under the ids that they have.
    /// - Returns: how many there are.
    public func replay(subscriptionID: Int64, from first: Int64, to last: Int64, at now: Timestamp) async throws -> Int
    {
        try await store.write { database in
            // Whoever asks for it does not wait until a receiver that failed is tried again by itself.
            try database.execute(
                sql: "UPDATE webhook_subscriptions SET updated_at = ? WHERE id = ?", arguments: [now, subscriptionID])
            return try database.execute(
                sql: """
                    UPDATE webhook_deliveries SET state = 'waiting', attempts = 0, next_attempt_at = ?
                    WHERE subscription_id = ? AND id >= ? AND id <= ?
                    """,
                arguments: [now, subscriptionID, first, last])
        }
    }

    /// Forgets what was sent of users, and what waits to be.
    public func remove(users: [DeletedSubjects], environmentID: Int64) async throws {
        try await remove(users, "user_id", environmentID)
    }

    /// Forgets what was sent of companies, and what waits to be.
    public func remove(companies: [DeletedSubjects], environmentID: Int64) async throws {
        try await remove(companies, "company_id", environmentID)
    }

    private func remove(_ gone: [DeletedSubjects], _ column: String, _ environmentID: Int64) async throws {
        // First: what is stored from now on is not of them.
        removals.add(gone, areUsers: column == "user_id", environmentID: environmentID)
        try await store.write { database in
            let statement = try database.prepare(
                "DELETE FROM webhook_deliveries WHERE environment_id = ? AND \(column) = ?")
            for id in gone.flatMap(\.ids) { try statement.execute(arguments: [environmentID, id]) }
        }
    }

    /// Subscriptions with messages that are due.
    func due(at now: Timestamp) async throws -> Set<Int64> {
        try await store.read { database in
            Set(
                try database.values(
                    Int64.self,
                    prepared: """
                        SELECT subscription_id FROM webhook_deliveries
                        WHERE state = 'waiting' AND next_attempt_at <= ?
                        """, arguments: [now]))
        }
    }

    /// How far waiting messages are counted.
    private static let mostCounted = 10_000

    /// Messages that wait to be sent again, 10,000 at most, and how long the oldest has been due, in seconds.
    public func backlog(at now: Timestamp) async throws -> (count: Int, oldestSeconds: Double) {
        try await store.read { database in
            let count = try database.value(
                Int.self,
                sql: """
                    SELECT count(*) FROM (
                        SELECT 1 FROM webhook_deliveries WHERE state = 'waiting' AND next_attempt_at >= 0 LIMIT ?
                    )
                    """,
                arguments: [Self.mostCounted])
            let due = try database.value(
                Timestamp.self,
                sql: "SELECT min(next_attempt_at) FROM webhook_deliveries WHERE state = 'waiting'")
            let microseconds = Double(now.microseconds) - Double((due ?? now).microseconds)
            return (count ?? 0, max(microseconds / 1_000_000, 0))
        }
    }

    /// Messages of a subscription that are due, oldest first.
    func due(_ subscriptionID: Int64, at now: Timestamp, limit: Int) async throws -> [Delivery] {
        try await store.read { database in
            try Row.page(of: "delivery", behind: 0, limit: limit, as: Delivery.init(row:)) { id, limit in
                try database.rows(
                    prepared: """
                        SELECT * FROM webhook_deliveries
                        WHERE subscription_id = ? AND state = 'waiting' AND next_attempt_at <= ? AND id > ?
                        ORDER BY id LIMIT ?
                        """, arguments: [subscriptionID, now, id, limit])
            }
        }
    }

    /// Whether more may wait.
    func hasRoom(_ subscriptionID: Int64) async throws -> Bool {
        try await store.read { database in
            let row = try database.row(
                prepared: """
                    SELECT count(*) AS count, ifnull(sum(byte_count), 0) AS bytes FROM webhook_deliveries
                    WHERE subscription_id = ? AND state = 'waiting'
                    """,
                arguments: [subscriptionID])
            let (count, bytes): (Int, Int) = try (row?.read("count") ?? 0, row?.read("bytes") ?? 0)
            return count < Self.maximumWaiting && bytes < Self.maximumWaitingBytes
        }
    }

    /// Whether users or companies were removed so shortly ago that what was read before may be of them.
    /// - Parameter message: the id of what is told: events that came after the removal was asked for are told.
    func wasRemoved(user: String?, company: String?, environmentID: Int64, message: String) -> Bool {
        let event = EventIdentifier(String(decoding: message.utf8.dropFirst(4).prefix(36), as: UTF8.self))
        return removals.contains(user: user, company: company, environmentID: environmentID, event: event)
    }

    /// Stores what became of messages, and how far the subscription has come, all in one transaction.
    /// - Returns: false when the subscription is no longer active: it goes on from where it was told to.
    func store(
        _ attempts: [DeliveryAttempt], of subscription: Subscription, position: WebhookPosition?, at now: Timestamp
    ) async throws -> Bool {
        try await store.write { database in
            let known = try SubscriptionStore.fetch(subscription.id, subscription.environmentID, from: database)
            guard let known else { return false }
            for attempt in attempts
            where attempt.delivery != nil
                || !wasRemoved(
                    user: attempt.userID, company: attempt.companyID, environmentID: subscription.environmentID,
                    message: attempt.messageID)
            {
                try attempt.write(to: database, of: subscription, at: now)
            }
            if let position, known.position == subscription.position {
                try database.execute(
                    prepared: "UPDATE webhook_subscriptions SET position = ?, announcement_id = ? WHERE id = ?",
                    arguments: [position.log.stored, position.announcement, subscription.id])
            }
            if let gone = attempts.first(where: { $0.outcome == .gone }) {
                try database.execute(
                    sql: "UPDATE webhook_subscriptions SET state = 'disabled', reason = ? WHERE id = ?",
                    arguments: [gone.answer, subscription.id])
                return false
            }
            return known.state == .active && known.position == subscription.position
        }
    }

    /// Stores how far subscriptions have come without anything to send. One that was changed meanwhile stays where it is, and
    /// none goes back: the texts of positions are in their order.
    func move(_ moves: [(subscription: Subscription, to: WebhookPosition)]) async throws {
        try await store.write { database in
            for move in moves {
                let (log, announcement) = (move.to.log.stored, move.to.announcement)
                try database.execute(
                    prepared: """
                        UPDATE webhook_subscriptions SET position = ?, announcement_id = ?
                        WHERE id = ? AND updated_at = ? AND position <= ? AND announcement_id <= ?
                        """,
                    arguments: [
                        log, announcement, move.subscription.id, move.subscription.updatedAt, log, announcement,
                    ])
            }
        }
    }

    /// Removes the oldest of what need not be kept.
    func prune(_ subscriptionID: Int64) async throws {
        try await store.write { database in
            for state in [Delivery.State.delivered, .failed] {
                let rows = try database.rows(
                    sql: """
                        SELECT id, byte_count FROM webhook_deliveries WHERE subscription_id = ? AND state = ?
                        ORDER BY id DESC
                        """,
                    arguments: [subscriptionID, state.rawValue])
                var bytes = 0
                var last: Int64?
                for (number, row) in rows.enumerated() {
                    bytes += try row.read("byte_count", as: Int.self)
                    // The newest stays, however large it is.
                    if number >= Self.keptCount || (number > 0 && bytes > Self.keptBytes) {
                        last = try row.read("id")
                        break
                    }
                }
                guard let last else { continue }
                try database.execute(
                    sql: "DELETE FROM webhook_deliveries WHERE subscription_id = ? AND state = ? AND id <= ?",
                    arguments: [subscriptionID, state.rawValue, last])
            }
        }
    }
}

extension Delivery {
    init(row: Row) throws {
        try self.init(
            id: row.read("id"), subscriptionID: row.read("subscription_id"), messageID: row.read("message_id"),
            eventType: row.read("event_type"), state: State(rawValue: row.read("state")) ?? .failed,
            body: row.read("body"), attempts: row.read("attempts"), nextAttemptAt: row.read("next_attempt_at"),
            createdAt: row.read("created_at"), attemptedAt: row.read("attempted_at"), status: row.read("status"),
            answer: row.read("answer"))
    }
}
