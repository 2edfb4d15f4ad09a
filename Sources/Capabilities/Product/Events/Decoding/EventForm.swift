public import EventStore
public import InternetAddress
public import JSON
public import Time

/// How clients of one vendor write events. Each surface that takes events brings a form of its own; what is stored is the same.
///
/// ```swift
/// let ingestion = Ingestion(writer: writer, clock: clock, rejections: rejections, form: UserpilotEvents())
/// ```
public protocol EventForm: Sendable {
    /// Adds an event to the batch, after events that it implies, if any.
    /// - Parameters:
    ///   - object: the event as its client wrote it.
    ///   - derivedEventID: the id for deduplication when the event carries none.
    /// - Returns: the index of the event's own row.
    /// - Throws: `EventRejection`, with the batch as it was.
    @discardableResult
    func decode(
        _ object: JSONNode, _ call: EventCall, derivedEventID: String?, into builder: inout EventBatchBuilder
    ) throws(EventRejection) -> Int

    /// The address of the user, where an event names it.
    func address(in object: JSONNode) -> JSONNode?

    /// Members of an event that nothing reads.
    func unknownMembers(of object: JSONNode) -> [JSONNode]

    /// The member that somebody may have meant by one that nothing reads.
    func suggestion(for name: String) -> String?
}

extension EventForm {
    /// None.
    public func address(in object: JSONNode) -> JSONNode? { nil }

    /// None: what has no place of its own is kept with the event.
    public func unknownMembers(of object: JSONNode) -> [JSONNode] { [] }

    /// None.
    public func suggestion(for name: String) -> String? { nil }
}

/// What is known of events before they are read: whose they are, how they came in, and what holds where they say nothing.
public struct EventCall: Sendable {
    public let stream: EventStream
    public let surface: EventSurface
    /// What an event without a time gets, and what times are compared with.
    public let now: Timestamp
    public var limits = IngestionLimits.standard
    public var typeRule = TypeRule.named(default: .track)
    /// What an event without a source comes from; nil where it must say so.
    public var defaultSource: EventSource? = .backendHTTP
    /// Whom the call came from.
    public var sender = EventSender()

    /// How the type of an event is known.
    public enum TypeRule: Sendable {
        /// The endpoint says it, and the event cannot.
        case fixed(EventType)
        /// The event says it; without that it is the default, or an error where there is none.
        case named(default: EventType?)
    }

    public init(stream: EventStream, surface: EventSurface, now: Timestamp) {
        self.stream = stream
        self.surface = surface
        self.now = now
    }
}

/// Whom a call came from.
public struct EventSender: Sendable {
    /// The key that it showed; nil where that is not known.
    public var keyID: Int64?
    /// Nil where that is not known.
    public var address: IPAddress?

    public init(keyID: Int64? = nil, address: IPAddress? = nil) {
        self.keyID = keyID
        self.address = address
    }
}

extension EventCall {
    /// - Throws: `EventRejection` for a time that no event can have.
    package func check(_ time: Timestamp, field: String) throws(EventRejection) {
        guard time >= limits.earliest else {
            throw EventRejection(
                .timestampTooOld, field: field, "\(field) must not be before \(limits.earliest.formatted(.secondsUTC))."
            )
        }
        guard time <= now.adding(seconds: limits.futureToleranceSeconds) else {
            throw EventRejection(
                .timestampInFuture, field: field,
                "\(field) is more than \(limits.futureToleranceSeconds / 3_600) hours ahead of the server's clock.")
        }
    }
}
