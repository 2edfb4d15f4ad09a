import EventStore
import JSON

/// Events of visitors as SDKs send them (contract schema `SendTrackingEventsRequestData`).
public struct TrackingBatch: Sendable {
    /// Whether the server fills in what it knows of the visitors, and sees to duplicates.
    public var isEnriched: Bool
    public var visitors: [Visitor]

    public init(isEnriched: Bool, visitors: [Visitor]) {
        self.isEnriched = isEnriched
        self.visitors = visitors
    }

    /// One visitor, and what they did, in order.
    public struct Visitor: Sendable {
        public var id: String
        public var segments: VisitorSegments
        public var events: [Event]

        public init(id: String, segments: VisitorSegments = VisitorSegments(), events: [Event]) {
            self.id = id
            self.segments = segments
            self.events = events
        }
    }

    /// Ids that are none become 0, which names nothing.
    public enum Event: Sendable, Equatable {
        /// Came into a variation.
        case bucketing(experienceID: Int64, variationID: Int64)
        /// Reached a goal.
        case conversion(Conversion)
    }

    public struct Conversion: Sendable, Equatable {
        public var goalID: Int64
        /// In the project's currency.
        public var revenue: Double?
        public var productsCount: Int64?
        public var transactionID: String?
        /// Experience to variation, as the client knows them.
        public var buckets: [Int64: Int64]

        public init(
            goalID: Int64, revenue: Double? = nil, productsCount: Int64? = nil, transactionID: String? = nil,
            buckets: [Int64: Int64] = [:]
        ) {
            self.goalID = goalID
            self.revenue = revenue
            self.productsCount = productsCount
            self.transactionID = transactionID
            self.buckets = buckets
        }

        /// What has values is a transaction.
        var kind: ExperimentEvent.Kind {
            revenue != nil || productsCount != nil || transactionID != nil ? .transaction : .conversion
        }
    }

    /// How many events there are.
    public var count: Int { visitors.reduce(0) { $0 + $1.events.count } }

    /// How much work it makes: what is known of a visitor is read and stored, events or none.
    public var weight: Int { visitors.count + count }
}

/// Why an event is not stored.
public enum TrackingRejection: String, Sendable, CaseIterable {
    /// The experience is not there, or does not run.
    case experience
    /// The experience has no such variation that runs.
    case variation
    /// The goal is not there, or is archived.
    case goal
    /// The visitor has no id, or one of over 255 characters.
    case visitor
    /// The visitor was seen in the experience before.
    case repeated
    /// The transaction has been counted.
    case transaction
    /// Rules of goals took more work than an event may: not all were judged.
    case rules
    /// The client is a bot.
    case bot
    /// The client's address is one that the project leaves out of its reports.
    case address
}
