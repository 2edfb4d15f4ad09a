import EventStore
public import JSON
public import Time

/// Somebody who wants to be told of events of one type in an environment, at an address of theirs.
public struct Subscription: Sendable, Equatable, Identifiable {
    public enum State: String, Sendable, CaseIterable {
        case active
        /// Somebody stopped it; what happens meanwhile is told once it goes on.
        case paused
        /// The receiver said that it is gone for good (410). It can be activated again.
        case disabled
    }

    public let id: Int64
    public let environmentID: Int64
    public let name: String
    public let callbackURL: String
    /// As the caller named it.
    public let eventType: String
    public let state: State
    /// Why it was disabled.
    public let reason: String?
    /// Up to where it was told what it asked for, or waits to be told again.
    let position: WebhookPosition
    /// Goes up whenever the secret is made anew.
    let secretVersion: Int
    let secretRotatedAt: Timestamp?
    public let createdAt: Timestamp
    public let updatedAt: Timestamp
}

/// How far a subscription has come. What it asked for is in one of the two; in the other it stays where it was.
struct WebhookPosition: Sendable, Hashable {
    /// In the log of events.
    var log: LogPosition
    /// The id of the last announcement; 0 for none.
    var announcement: Int64

    init(log: LogPosition, announcement: Int64 = 0) {
        self.log = log
        self.announcement = announcement
    }

    /// The further of both, in each of the two.
    func furthest(_ other: WebhookPosition) -> WebhookPosition {
        WebhookPosition(log: max(log, other.log), announcement: max(announcement, other.announcement))
    }
}

/// Changes to a subscription; what is nil stays.
public struct SubscriptionChanges: Sendable {
    public var name: String?
    public var callbackURL: String?
    /// Active or paused.
    public var state: Subscription.State?
    /// Tells again what was stored after a time.
    public var since: Timestamp?

    public init(
        name: String? = nil, callbackURL: String? = nil, state: Subscription.State? = nil, since: Timestamp? = nil
    ) {
        self.name = name
        self.callbackURL = callbackURL
        self.state = state
        self.since = since
    }
}

/// Why a subscription was refused.
public enum SubscriptionError: FieldError, Equatable {
    /// Names have 1 to 255 characters.
    case invalidName
    /// Types of events have 1 to 255 characters.
    case invalidEventType
    case invalidAddress(String)
    case tooMany(limit: Int)

    public var field: String? {
        switch self {
        case .invalidName: "name"
        case .invalidEventType: "event_type"
        case .invalidAddress: "callback_url"
        case .tooMany: nil
        }
    }

    public var message: String {
        switch self {
        case .invalidName, .invalidEventType: "give between 1 and 255 characters"
        case .invalidAddress(let reason): reason
        case .tooMany(let limit): "an environment has at most \(limit) subscriptions; delete one that is not needed"
        }
    }
}
