public import ControlStore
public import EventStore
import Text
public import Time

/// The subscriptions of environments.
public struct SubscriptionStore: Sendable {
    let store: ControlStore
    private let log: EventStore
    private let addresses: CallbackAddresses
    private let clock: WallClock

    /// Subscriptions of an environment.
    static let maximumCount = 100

    public init(store: ControlStore, log: EventStore, addresses: CallbackAddresses, clock: WallClock) {
        self.store = store
        self.log = log
        self.addresses = addresses
        self.clock = clock
    }

    /// Adds a subscription to what is stored from now on.
    /// - Throws: ``SubscriptionError``.
    public func create(
        name: String, callbackURL: String, eventType: String, environmentID: Int64
    ) async throws -> Subscription {
        try Self.check(name: name)
        guard (1...255).contains(eventType.unicodeScalars.count) else { throw SubscriptionError.invalidEventType }
        try addresses.check(callbackURL)
        let now = clock.now
        let position = try await log.end() ?? .start
        return try await store.write { database in
            let count = try database.value(
                Int.self, sql: "SELECT count(*) FROM webhook_subscriptions WHERE environment_id = ?",
                arguments: [environmentID])
            guard (count ?? 0) < Self.maximumCount else { throw SubscriptionError.tooMany(limit: Self.maximumCount) }
            let id = try database.insert(
                sql: """
                    INSERT INTO webhook_subscriptions (
                        environment_id, name, callback_url, event_type, state, position, announcement_id, created_at,
                        updated_at)
                    VALUES (?, ?, ?, ?, 'active', ?, ?, ?, ?)
                    """,
                arguments: [
                    environmentID, name, callbackURL, eventType, position.stored,
                    try Announcement.last(from: database), now, now,
                ])
            guard let made = try Self.fetch(id, environmentID, from: database) else {
                throw StoreError.refused(reason: "a new subscription is not there")
            }
            return made
        }
    }

    /// In the order of their ids.
    public func list(environmentID: Int64) async throws -> [Subscription] {
        try await store.read { database in
            try database.rows(
                sql: "SELECT * FROM webhook_subscriptions WHERE environment_id = ? ORDER BY id",
                arguments: [environmentID]
            ).readable("subscription", Subscription.init(row:))
        }
    }

    /// Nil when the environment has no subscription with this id.
    public func subscription(_ id: Int64, environmentID: Int64) async throws -> Subscription? {
        try await store.read { try Self.fetch(id, environmentID, from: $0) }
    }

    /// All that events are sent to.
    func active() async throws -> [Subscription] {
        try await store.read { database in
            try database.rows(sql: "SELECT * FROM webhook_subscriptions WHERE state = 'active'")
                .readable("subscription", Subscription.init(row:))
        }
    }

    /// Changes a subscription; nil when the environment has none with this id.
    /// - Throws: ``SubscriptionError``.
    public func update(
        _ id: Int64, _ changes: SubscriptionChanges, environmentID: Int64
    ) async throws -> Subscription? {
        if let name = changes.name { try Self.check(name: name) }
        if let url = changes.callbackURL { try addresses.check(url) }
        let now = clock.now
        return try await store.write { database in
            guard let old = try Self.fetch(id, environmentID, from: database) else { return nil }
            var position = old.position
            if let since = changes.since {
                position.log = min(LogPosition(at: since), position.log)
                let place = try Announcement.place(since: since, environmentID: environmentID, from: database)
                position.announcement = min(place ?? position.announcement, position.announcement)
            }
            let state = changes.state ?? old.state
            try database.execute(
                sql: """
                    UPDATE webhook_subscriptions
                    SET name = ?, callback_url = ?, state = ?, reason = ?, position = ?, announcement_id = ?, updated_at = ?
                    WHERE id = ?
                    """,
                arguments: [
                    changes.name ?? old.name, changes.callbackURL ?? old.callbackURL, state.rawValue,
                    state == .disabled ? old.reason : nil, position.log.stored, position.announcement,
                    now, id,
                ])
            return try Self.fetch(id, environmentID, from: database)
        }
    }

    /// Makes the secret anew; nil when the environment has no subscription with this id.
    public func rotateSecret(_ id: Int64, environmentID: Int64) async throws -> Subscription? {
        let now = clock.now
        return try await store.write { database in
            try database.execute(
                sql: """
                    UPDATE webhook_subscriptions
                    SET secret_version = secret_version + 1, secret_rotated_at = ?, updated_at = ?
                    WHERE id = ? AND environment_id = ?
                    """,
                arguments: [now, now, id, environmentID])
            return try Self.fetch(id, environmentID, from: database)
        }
    }

    /// Removes a subscription with its deliveries; false when the environment has none with this id.
    public func delete(_ id: Int64, environmentID: Int64) async throws -> Bool {
        try await store.write { database in
            try database.execute(
                sql: "DELETE FROM webhook_subscriptions WHERE id = ? AND environment_id = ?",
                arguments: [id, environmentID]) > 0
        }
    }

    private static func check(name: String) throws(SubscriptionError) {
        guard (1...255).contains(name.unicodeScalars.count) else { throw .invalidName }
    }

    static func fetch(_ id: Int64, _ environmentID: Int64, from database: Database) throws -> Subscription? {
        try database.row(
            prepared: "SELECT * FROM webhook_subscriptions WHERE id = ? AND environment_id = ?",
            arguments: [id, environmentID]
        ).map(Subscription.init(row:))
    }
}

extension Subscription {
    init(row: Row) throws {
        try self.init(
            id: row.read("id"), environmentID: row.read("environment_id"), name: row.read("name"),
            callbackURL: row.read("callback_url"), eventType: row.read("event_type"),
            state: State(rawValue: row.read("state")) ?? .disabled, reason: row.read("reason"),
            position: WebhookPosition(
                log: LogPosition(stored: row.read("position")) ?? .start, announcement: row.read("announcement_id")),
            secretVersion: row.read("secret_version"), secretRotatedAt: row.read("secret_rotated_at"),
            createdAt: row.read("created_at"), updatedAt: row.read("updated_at"))
    }
}
