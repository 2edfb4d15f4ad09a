public import ControlStore
public import JSON
import Synchronization
import Text
public import Time

/// Users whose events are refused, one environment at a time. All of them are held in memory, since every event asks.
public final class DenyList: Sendable {
    private let store: ControlStore
    private let clock: WallClock
    private let limit: Int
    private let denied = Mutex<[Int64: Set<ClientText>]>([:])

    /// Reads who is denied.
    /// - Parameter limit: users of one environment.
    public init(store: ControlStore, clock: WallClock, limit: Int = 100_000) async throws {
        self.store = store
        self.limit = limit
        self.clock = clock
        let rows = try await store.read { database in
            try database.rows(sql: "SELECT environment_id, user_id FROM denied_users").readable("denied user") { row in
                try (
                    environment: row.read("environment_id", as: Int64.self), user: row.read("user_id", as: String.self)
                )
            }
        }
        denied.withLock { denied in
            for row in rows { denied[row.environment, default: []].insert(ClientText(row.user)) }
        }
    }

    /// Whether events of a user are refused. Never blocks for long.
    public func isDenied(_ userID: UnsafeBufferPointer<UInt8>, environmentID: Int64) -> Bool {
        denied.withLock { denied in
            guard let users = denied[environmentID] else { return false }
            return users.contains(ClientText(utf8: userID))
        }
    }

    /// The same for an id that is a string.
    public func isDenied(_ userID: String, environmentID: Int64) -> Bool {
        var userID = userID
        return userID.withUTF8 { isDenied($0, environmentID: environmentID) }
    }

    /// Refuses a user's events from now on.
    /// - Parameter body: done in the same transaction.
    /// - Throws: ``DenyListError``.
    public func deny(
        _ userID: String, environmentID: Int64, _ body: @Sendable (Database) throws -> Void = { _ in }
    ) async throws {
        let now = clock.now
        try await store.write { database in
            // Those of an environment that is gone are nobody's.
            guard try database.hasEnvironment(environmentID) else { return }
            let user = ClientText(userID)
            // What is in memory is what was committed: one writes at a time.
            let isFull = self.denied.withLock { denied in
                let users = denied[environmentID] ?? []
                return users.count >= self.limit && !users.contains(user)
            }
            guard !isFull else { throw DenyListError.full(limit: self.limit) }
            try database.execute(
                sql: """
                    INSERT INTO denied_users (environment_id, user_id, denied_at) VALUES (?, ?, ?)
                    ON CONFLICT DO NOTHING
                    """,
                arguments: [environmentID, userID, now])
            try body(database)
            database.afterCommit { [denied = self] in
                denied.denied.withLock { _ = $0[environmentID, default: []].insert(user) }
            }
        }
    }

    /// Takes a user's events again.
    public func allow(_ userID: String, environmentID: Int64) async throws {
        try await store.write { database in
            try database.execute(
                sql: "DELETE FROM denied_users WHERE environment_id = ? AND user_id = ?",
                arguments: [environmentID, userID])
            database.afterCommit { [denied = self] in
                denied.denied.withLock { _ = $0[environmentID]?.remove(ClientText(userID)) }
            }
        }
    }

    /// Forgets who is denied in an environment that is no more.
    public func deleteAll(environmentID: Int64) async throws {
        try await store.write { database in
            try database.execute(sql: "DELETE FROM denied_users WHERE environment_id = ?", arguments: [environmentID])
            database.afterCommit { [denied = self] in
                denied.denied.withLock { _ = $0.removeValue(forKey: environmentID) }
            }
        }
    }
}

/// Why a user is not denied.
public enum DenyListError: FieldError, Equatable {
    case full(limit: Int)

    public var field: String? { "denied" }

    public var message: String {
        switch self {
        case .full(let limit): "an environment denies at most \(limit) users; take some off the list first"
        }
    }
}
