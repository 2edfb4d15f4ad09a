public import Time

/// A place in the log of product events: what was stored up to there lies before it, and all that comes later behind it.
///
/// Whoever follows the log is given positions, compares them, keeps them and hands them back to go on from there. What a
/// position is made of is the log's own business.
public struct LogPosition: Sendable, Hashable, Comparable {
    /// The last event before it: the one writer's ids rise.
    let last: EventIdentifier

    /// Right behind an event.
    public init(after event: EventIdentifier) { last = event }

    /// Behind what was stored before a time.
    public init(at time: Timestamp) { last = EventIdentifier(earliestAt: time) }

    /// Before the first event.
    public static let start = LogPosition(after: EventIdentifier(value: 0))

    /// Behind all events, those to come included.
    public static let end = LogPosition(after: EventIdentifier(value: .max))

    /// A position that was kept; nil for anything that ``stored`` does not give.
    public init?(stored: String) {
        guard let last = EventIdentifier(stored) else { return nil }
        self.last = last
    }

    /// The form in which it is kept.
    public var stored: String { last.description }

    /// Whether an event lies before it.
    public func includes(_ event: EventIdentifier) -> Bool { event <= last }

    /// No event before it was stored later than this.
    public var time: Timestamp { Timestamp(microseconds: last.milliseconds * 1_000 + 999) }

    /// In SQL over a row of the log: whether its event lies before the position.
    /// - Parameter column: with the event's id.
    package func rowCondition(_ column: String) -> String { "\(column) <= '\(last)'::UUID" }

    public static func < (left: LogPosition, right: LogPosition) -> Bool { left.last < right.last }
}
