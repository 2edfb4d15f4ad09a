public import Time

/// Something a visitor of experiments did: saw a variation, reached a goal, bought something.
public struct ExperimentEvent: Sendable, Equatable {
    /// What happened (contract schema `LiveDataEventTypes`).
    public enum Kind: String, Sendable, CaseIterable {
        case viewExperience = "view_experience"
        case conversion
        case transaction
    }

    /// The variation of an experience that the visitor is in.
    public struct Assignment: Sendable, Hashable {
        public let experienceID: Int64
        public let variationID: Int64

        public init(experienceID: Int64, variationID: Int64) {
            self.experienceID = experienceID
            self.variationID = variationID
        }
    }

    /// Unique, and rising with the time of the commit.
    public internal(set) var id: EventIdentifier
    public internal(set) var environmentID: Int64
    public internal(set) var projectID: Int64
    public internal(set) var kind: Kind
    public internal(set) var occurredAt: Timestamp
    public internal(set) var receivedAt: Timestamp
    public internal(set) var visitorID: String
    /// For a view, what was seen; for the others, everything that the visitor was in.
    public var assignments: [Assignment]
    /// Nil for views.
    public var goalID: Int64?
    /// Value of a transaction, in the project's currency.
    public var revenue: Double?
    /// Products of a transaction.
    public var productsCount: Int64?
    /// What the client calls the transaction.
    public var transactionID: String?
    /// By which reports are split.
    public var segments: ReportingSegments

    public init(
        id: EventIdentifier, environmentID: Int64, projectID: Int64, kind: Kind, occurredAt: Timestamp,
        receivedAt: Timestamp, visitorID: String, assignments: [Assignment], goalID: Int64? = nil,
        revenue: Double? = nil, productsCount: Int64? = nil, transactionID: String? = nil,
        segments: ReportingSegments = ReportingSegments()
    ) {
        self.id = id
        self.environmentID = environmentID
        self.projectID = projectID
        self.kind = kind
        self.occurredAt = occurredAt
        self.receivedAt = receivedAt
        self.visitorID = visitorID
        self.assignments = assignments
        self.goalID = goalID
        self.revenue = revenue
        self.productsCount = productsCount
        self.transactionID = transactionID
        self.segments = segments
    }
}

/// What is known of a visitor at the time of an event, in the words of reports (contract schemas `ReportingSegments...`).
public struct ReportingSegments: Sendable, Equatable {
    /// Overlapping categories, such as `iPhone` and `all_phones`.
    public var devices: [String] = []
    /// Such as `chrome`.
    public var browser: String?
    /// ISO 3166-1 alpha-2.
    public var country: String?
    /// `new` or `returning`.
    public var visitorType: String?
    /// Name of the marketing campaign.
    public var campaign: String?
    /// Such as `search` and `campaign`.
    public var sources: [String] = []
    /// Ids of the segmentation audiences that the visitor is in.
    public var customSegments: [Int64] = []

    public init() {}
}

/// Which experiment events are wanted. An empty list wants all.
public struct ExperimentEventFilter: Sendable {
    /// The only ones that are looked at; with none, nothing is found.
    public var projectIDs: [Int64]
    public var kinds: [ExperimentEvent.Kind] = []
    /// Events of visitors in any of these.
    public var experienceIDs: [Int64] = []
    /// Narrows conversions and transactions, not views.
    public var goalIDs: [Int64] = []
    public var devices: [String] = []
    public var browsers: [String] = []
    public var countries: [String] = []
    public var visitorTypes: [String] = []
    public var campaigns: [String] = []
    public var sources: [String] = []
    public var customSegments: [Int64] = []

    public init(projectIDs: [Int64]) {
        self.projectIDs = projectIDs
    }
}
