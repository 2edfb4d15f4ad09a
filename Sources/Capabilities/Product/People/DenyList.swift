public import ControlStore
import Synchronization
import Text
public import Time

/// Users whose events are refused, one environment at a time. All of them are held in memory, since every event asks.
public final class DenyList: Sendable {
    private let store: ControlStore
    private let clock: WallClock
    private let denied = Mutex<[Int64: Set<ClientText>]>([:])

    /// Reads who is denied.
    public init(store: ControlStore, clock: WallClock) async throws {
        self.store = store
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

    /// Refuses a user's events from now on, or takes them again.
    public func set(_ userID: String, denied isDenied: Bool, environmentID: Int64) async throws {
        let now = clock.now
        try await store.write { database in
            // Those of an environment that is gone are nobody's.
            guard try database.hasEnvironment(environmentID) else { return }
            if isDenied {
                try database.execute(
                    sql: """
                        INSERT INTO denied_users (environment_id, user_id, denied_at) VALUES (?, ?, ?)
                        ON CONFLICT DO NOTHING
                        """,
                    arguments: [environmentID, userID, now])
            } else {
                try database.execute(
                    sql: "DELETE FROM denied_users WHERE environment_id = ? AND user_id = ?",
                    arguments: [environmentID, userID])
            }
            // Within the transaction, so that two calls at once leave both the same.
            self.denied.withLock { denied in
                if isDenied {
                    denied[environmentID, default: []].insert(ClientText(userID))
                } else {
                    denied[environmentID]?.remove(ClientText(userID))
                }
            }
        }
    }

    /// Forgets who is denied in an environment that is no more.
    public func deleteAll(environmentID: Int64) async throws {
        try await store.write { database in
            try database.execute(sql: "DELETE FROM denied_users WHERE environment_id = ?", arguments: [environmentID])
            _ = self.denied.withLock { $0.removeValue(forKey: environmentID) }
        }
    }
}
