public import ControlStore
public import EventStore
public import Time

/// What events a type of a vendor's stands for, and how they are told. The surface of the vendor brings it.
public protocol WebhookForm: Sendable {
    /// Where what is of a type comes from.
    func source(of eventType: String) -> WebhookSource

    /// What is sent of an event, JSON; nil for one that is not of the type after all.
    func body(of event: LoggedEvent, for subscription: Subscription) async throws -> [UInt8]?

    /// What is sent of an announcement, JSON.
    func body(of announcement: Announcement, for subscription: Subscription) -> [UInt8]
}

/// Where what a subscription asks for comes from.
public enum WebhookSource: Sendable {
    /// Events of the log; those that need a closer look are looked at one by one.
    case log(WebhookSelection)
    case announcements(Announcement.Kind)
}

/// An event with what the log says of it.
public struct LoggedEvent: Sendable {
    public let event: EventView
    public let identifier: EventIdentifier
    public let receivedAt: Timestamp
}

/// Events of the log.
public struct WebhookSelection: Sendable {
    public let types: [EventType]
    /// Those that satisfy all terms of any of these; empty for all.
    public let alternatives: [[EventList.Term]]

    public init(types: [EventType], alternatives: [[EventList.Term]] = []) {
        self.types = types
        self.alternatives = alternatives
    }
}
