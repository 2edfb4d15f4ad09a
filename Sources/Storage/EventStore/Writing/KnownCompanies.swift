/// Where it is kept which company a user is in, as far as events have taken effect.
public protocol KnownCompanies: Sendable {
    /// The companies of users, in their order; nil for one who is in none. Blocks until it is known.
    /// - Throws: what keeps the store from answering.
    func companies(of users: [EventUser]) throws -> [String?]
}

/// A user of an environment.
public struct EventUser: Sendable {
    public let environmentID: Int64
    public let userID: String

    public init(environmentID: Int64, userID: String) {
        self.environmentID = environmentID
        self.userID = userID
    }
}

/// Nobody is in a company but by what is committed from now on.
struct NoKnownCompanies: KnownCompanies {
    func companies(of users: [EventUser]) -> [String?] {
        Array(repeating: nil, count: users.count)
    }
}
