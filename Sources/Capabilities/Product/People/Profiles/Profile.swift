public import JSON
public import Time

/// What is known about a person: somebody that events carry a user id of. How figures come about is defined in
/// `docs/gainsight.md`.
public struct Person: Sendable, Equatable {
    public let userID: String
    /// The one company the person belongs to.
    public let companyID: String?
    /// The merged properties of all identify calls, in the order their keys first appeared.
    public let properties: JSONValue
    /// When the earliest known event happened.
    public let firstSeenAt: Timestamp
    /// When the latest known event happened.
    public let lastSeenAt: Timestamp
    /// When the event that made the profile was received.
    public let createdAt: Timestamp
    /// The id of the first identify call; nil before it, and empty where that is not known.
    public let signedUpBy: String?
    /// When the latest identify call was received; at first, when the profile was made.
    public let modifiedAt: Timestamp
    /// When the earliest visit began, as far as is known or a Gainsight caller says; nil for never.
    public let firstVisitAt: Timestamp?
    /// When the latest activity happened: any event but identify calls of servers. Nil for never.
    public let lastActiveAt: Timestamp?
    /// Visits that began.
    public let visitCount: Int
    /// Of the thirty days (UTC) that end with the last one with activity, the share that had any: 0 to 100.
    public let score: Int
    /// Where the latest event came from whose address is known, an object with members as `countryCode` and `city`.
    public let inferredLocation: JSONValue?
}

/// What is known about a company.
public struct Company: Sendable, Equatable {
    public let companyID: String
    /// The merged properties of all company identify calls, in the order their keys first appeared.
    public let properties: JSONValue
    public let firstSeenAt: Timestamp
    public let lastSeenAt: Timestamp
    /// When the event that made the profile was received.
    public let createdAt: Timestamp
    /// When the latest identify call of the company was received; at first, when the profile was made.
    public let modifiedAt: Timestamp
    /// When the latest activity of its users happened, by the events that carry its id. Nil for never.
    public let lastActiveAt: Timestamp?
    /// Persons who belong to it now.
    public let userCount: Int
    /// Visits that its users began while they belonged to it.
    public let visitCount: Int
}
