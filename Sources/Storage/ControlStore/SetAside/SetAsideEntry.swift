public import Time

/// Something that could not be digested.
public struct SetAsideEntry: Sendable {
    public var kind: SetAsideKind
    /// Whose it is; nil for what belongs to a project as a whole.
    public var environmentID: Int64?
    /// Whose it is, where it has no environment; nil for what is the operator's alone.
    public var projectID: Int64?
    /// Its id among those of its kind.
    public var subject: String
    /// Whom it tells of: it goes when they are deleted.
    public var userID: String?
    public var companyID: String?
    /// When it came in.
    public var receivedAt: Timestamp?
    /// What the last attempt said.
    public var reason: String
    /// How often it was tried.
    public var attempts: Int
    /// As it was stored, where it is kept nowhere else.
    public var content: [UInt8]?

    public init(
        kind: SetAsideKind, environmentID: Int64?, projectID: Int64? = nil, subject: String, userID: String? = nil,
        companyID: String? = nil, receivedAt: Timestamp? = nil, reason: String, attempts: Int, content: [UInt8]? = nil
    ) {
        self.kind = kind
        self.environmentID = environmentID
        self.projectID = projectID
        self.subject = subject
        self.userID = userID
        self.companyID = companyID
        self.receivedAt = receivedAt
        self.reason = reason
        self.attempts = attempts
        self.content = content
    }
}

/// The same as it stands in the store.
public struct SetAsideItem: Sendable, Identifiable {
    public let id: Int64
    public let entry: SetAsideEntry
    public let setAsideAt: Timestamp
    public let lastTriedAt: Timestamp
}
