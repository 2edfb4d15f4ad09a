public import Time

/// Which product events a list shows, and in which order: those of one environment that are in the log up to a position and
/// happened within a span.
///
/// A list is read page by page: each page begins behind the ``Place`` that the one before ended with, so that none costs more
/// than the first. What is stored later is not in it.
public struct EventList: Sendable {
    public let environmentID: Int64
    /// Only these; none when empty.
    public let types: [EventType]
    /// When they happened, the end not included.
    public let span: Range<Timestamp>
    /// Events that satisfy all terms of any of these; empty for all events.
    public var alternatives: [[Term]] = []
    /// Sets of alternatives: of each a page says which events satisfy it. They leave out none.
    public var marks: [[[Term]]] = []
    /// The first counts most. Events that they leave equal come in the order of the log.
    public var sort: [SortKey] = []
    public let upTo: LogPosition

    public init(environmentID: Int64, types: [EventType], span: Range<Timestamp>, upTo: LogPosition) {
        self.environmentID = environmentID
        self.types = types
        self.span = span
        self.upTo = upTo
    }

    /// Something of an event that is text.
    public indirect enum Text: Sendable, Hashable {
        case field(EventField)
        /// A member of the properties; further names lead into the objects that it holds.
        case property([String])
        /// The kind of client that it came from (``EventSource``).
        case source
        /// The first that is there.
        case first([Text])
        /// One that is an id.
        case identifier(Text)
    }

    /// How texts are compared: without case, but for ids, which are compared by bytes.
    public enum Comparison: String, Sendable {
        case equal = "="
        case unequal = "<>"
        case less = "<"
        case atMost = "<="
        case greater = ">"
        case atLeast = ">="
        /// The whole text, with `*` and `?`.
        case like = "~"
        case unlike = "!~"
    }

    /// One condition. A text that is missing is empty.
    public enum Term: Sendable {
        case text(Text, Comparison, String)
        /// When it happened, the end not included.
        case time(Range<Timestamp>)
        case notTime(Range<Timestamp>)
    }

    public enum SortKey: Sendable, Hashable {
        case time(isDescending: Bool)
        case text(Text, isDescending: Bool)
    }

    /// Behind which event a page ended.
    public struct Place: Sendable, Equatable {
        /// What the sort keys say of it, in their order: microseconds since the epoch for times.
        public let keys: [Key]
        public let event: EventIdentifier

        public enum Key: Sendable, Equatable {
            case time(Int64)
            case text(String)
        }

        public init(keys: [Key], event: EventIdentifier) {
            self.keys = keys
            self.event = event
        }
    }

    /// Events with the place behind the last.
    public struct Page: Sendable {
        /// In the list's order.
        public let events: [EventView]
        /// Of the events.
        public let identifiers: [EventIdentifier]
        /// When each was received; what the events themselves say of it holds for the last one.
        public let receivedAt: [Timestamp]
        /// Of each event, which of the list's marks it bears.
        public let marks: [[Bool]]
        /// Roughly what the events hold in memory, in bytes.
        public let byteCount: Int
        /// Nil for an empty page.
        public let end: Place?
    }
}

extension EventList {
    /// Bytes of the texts of a page: shown they take many times that.
    static let maximumPageBytes = 32 * 1_024 * 1_024
}

/// Why a list cannot be shown.
public enum EventListError: Error, CustomStringConvertible {
    case pageTooLarge

    public var description: String {
        "the events of this page hold more than \(EventList.maximumPageBytes / 1_048_576) MB; ask for smaller pages"
    }
}
