public import ControlStore
import Cryptography
import Identity
import Text
public import Time

/// Begins, finds and ends sessions. What opens one is 256 random bits; the store has their digest only.
///
/// Roles are looked up with each request: whoever loses one loses it at once, however many sessions are open.
public struct SessionStore: Sendable {
    let store: ControlStore
    private let clock: WallClock
    let lifetime: SessionLifetime

    /// `last_used_at` is not written more often.
    private static let leastUpdateSeconds: Int64 = 60
    /// Of one user; the oldest go.
    static let maximumCount = 100
    private static let maximumClientLength = 200

    public init(store: ControlStore, clock: WallClock, lifetime: SessionLifetime = SessionLifetime()) {
        self.store = store
        self.clock = clock
        self.lifetime = lifetime
    }

    /// Begins a session, inside a transaction of the caller's.
    /// - Returns: what the cookie is to hold, in clear for the only time.
    package func begin(_ userID: Int64, client: String, in database: Database) throws -> (
        token: String, session: Session
    ) {
        let now = clock.now
        let token = SecretToken.make(prefix: "sxs_")
        try database.execute(sql: "DELETE FROM sessions WHERE expires_at <= ?", arguments: [now])
        let id = try database.insert(
            sql: """
                INSERT INTO sessions (name, digest, user_id, client, created_at, last_used_at, expires_at)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                SecretToken.hexadecimal(count: 32), SecretToken.digest(of: token).bytes, userID,
                client.codePoints(upTo: Self.maximumClientLength), now, now,
                now.adding(seconds: lifetime.absoluteSeconds),
            ])
        try database.execute(
            sql: """
                DELETE FROM sessions WHERE user_id = ? AND id NOT IN (
                    SELECT id FROM sessions WHERE user_id = ? ORDER BY last_used_at DESC, id DESC LIMIT ?)
                """,
            arguments: [userID, userID, Self.maximumCount])
        guard let session = try Self.fetch("id = ?", [id], from: database) else { throw SessionError.ended }
        return (token, session)
    }

    /// Whom a cookie is of.
    /// - Returns: nil when it is of nobody any more: it has ended or expired, or its user is gone.
    public func find(_ token: String) async throws -> SignedInUser? {
        let now = clock.now
        let digest = SecretToken.digest(of: token).bytes
        let found: SignedInUser? = try await store.read { database in
            guard
                let session = try Self.fetch(
                    "digest = ? AND expires_at > ? AND last_used_at > ?",
                    [digest, now, now.adding(seconds: -lifetime.idleSeconds)], from: database),
                let user = try User.fetch(session.userID, from: database)
            else { return nil }
            return SignedInUser(
                user: user, session: session, accesses: try Accesses.fetch(ofUser: user.id, from: database))
        }
        guard let found else { return nil }
        if found.session.lastUsedAt.adding(seconds: Self.leastUpdateSeconds) <= now {
            try await store.write { database in
                try database.execute(
                    sql: "UPDATE sessions SET last_used_at = ? WHERE id = ?", arguments: [now, found.session.id])
            }
        }
        return found
    }

    /// The sessions of a user that are open, the one used last first.
    public func list(ofUser userID: Int64) async throws -> [Session] {
        let now = clock.now
        return try await store.read { database in
            try database.rows(
                sql: """
                    SELECT \(Session.columns) FROM sessions WHERE user_id = ? AND expires_at > ? AND last_used_at > ?
                    ORDER BY last_used_at DESC, id DESC
                    """,
                arguments: [userID, now, now.adding(seconds: -lifetime.idleSeconds)]
            ).readable("session", Session.init(row:))
        }
    }

    /// Which sessions of a user end.
    public enum Ending: Sendable {
        case one(Int64)
        /// By what lists call it.
        case named(String)
        case allBut(Int64)
        case all
    }

    /// - Returns: how many ended.
    @discardableResult
    public func end(_ ending: Ending, ofUser userID: Int64) async throws -> Int {
        try await store.write { try end(ending, ofUser: userID, in: $0) }
    }

    /// Ends the session that a cookie is of, if any.
    public func end(token: String) async throws {
        try await store.write { database in
            try database.execute(
                sql: "DELETE FROM sessions WHERE digest = ?", arguments: [SecretToken.digest(of: token).bytes])
        }
    }

    /// Ends all sessions of who has an address, where there is anybody, with the logins that were begun, and forgets failed attempts:
    /// for who was given another password.
    public func startAnew(_ email: String) async throws {
        try await store.write { database in
            guard let user = try User.fetch(email: email, from: database) else { return }
            try end(.all, ofUser: user.id, in: database)
            try LoginStep.endAll(ofUser: user.id, in: database)
            try LoginThrottle().forgive([.user(user.email)], in: database)
        }
    }

    @discardableResult
    package func end(_ ending: Ending, ofUser userID: Int64, in database: Database) throws -> Int {
        let (condition, argument): (String, (any StoredValue)?) =
            switch ending {
            case .one(let id): ("id = ?", id)
            case .named(let name): ("name = ?", name)
            case .allBut(let id): ("id <> ?", id)
            case .all: ("1", nil)
            }
        return try database.rows(
            sql: "DELETE FROM sessions WHERE user_id = ? AND \(condition) RETURNING id",
            arguments: argument.map { [userID, $0] } ?? [userID]
        ).count
    }

    private static func fetch(_ condition: String, _ arguments: Arguments, from database: Database) throws -> Session? {
        try database.row(sql: "SELECT \(Session.columns) FROM sessions WHERE \(condition)", arguments: arguments)
            .map(Session.init(row:))
    }
}

/// Why something about sessions could not be done.
public enum SessionError: Error, Sendable, Equatable {
    /// It ended while it was begun.
    case ended
}
