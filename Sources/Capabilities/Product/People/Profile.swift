public import JSON
public import Time

/// What is known about a person: somebody that events carry a user id of.
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
}

/// What is known about a company.
public struct Company: Sendable, Equatable {
    public let companyID: String
    /// The merged properties of all company identify calls, in the order their keys first appeared.
    public let properties: JSONValue
    public let firstSeenAt: Timestamp
    public let lastSeenAt: Timestamp
}
