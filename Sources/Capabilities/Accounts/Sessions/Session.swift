import ControlStore
public import Identity
public import Time

/// Somebody who has logged in, on one device.
public struct Session: Sendable, Equatable {
    public let id: Int64
    /// What lists call it; it opens nothing.
    public let name: String
    public let userID: Int64
    /// What it was begun with, as the client calls itself.
    public let client: String
    public let createdAt: Timestamp
    /// To the minute.
    public let lastUsedAt: Timestamp
    /// Whatever happens, it ends then.
    public let expiresAt: Timestamp

    static let columns = "id, name, user_id, client, created_at, last_used_at, expires_at"

    fileprivate static let example = Session()

    private init() {
        (id, name, userID, client) = (0, "", 0, "")
        (createdAt, lastUsedAt, expiresAt) = (.earliest, .earliest, .latest)
    }

    init(row: Row) throws {
        id = try row.read("id")
        name = try row.read("name")
        userID = try row.read("user_id")
        client = try row.read("client")
        createdAt = try row.read("created_at")
        lastUsedAt = try row.read("last_used_at")
        expiresAt = try row.read("expires_at")
    }
}

/// Who calls by a session: the user, and what they may do at this moment.
public struct SignedInUser: Sendable {
    public let user: User
    public let session: Session
    /// By account.
    public let accesses: [Int64: Accesses]

    /// Somebody whom nobody is, to ask policies about.
    /// - Parameter accesses: in the account 1; nil for none.
    public static func example(_ accesses: Accesses?) -> SignedInUser {
        SignedInUser(user: .example, session: Session.example, accesses: accesses.map { [1: $0] } ?? [:])
    }
}

/// How long sessions last.
public struct SessionLifetime: Sendable, Equatable {
    /// Without a request.
    public var idleSeconds: Int64
    /// Since the login.
    public var absoluteSeconds: Int64

    public init(idleSeconds: Int64 = 3_600, absoluteSeconds: Int64 = 12 * 3_600) {
        self.idleSeconds = idleSeconds
        self.absoluteSeconds = absoluteSeconds
    }
}
