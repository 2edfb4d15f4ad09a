public import Time

/// Events of visitors as SDKs send them (contract schema `SendTrackingEventsRequestData`).
public struct TrackingBatch: Sendable {
    /// Whether the server fills in what it knows of the visitors, and sees to duplicates.
    public var isEnriched: Bool
    public var visitors: [Visitor]
    /// Visitors and events that could not be read.
    public var refused: [TrackingRejection: Int] = [:]
    /// Values that were left out of those that could.
    public var leftOut: [TrackedValue: Int] = [:]

    public init(isEnriched: Bool, visitors: [Visitor]) {
        self.isEnriched = isEnriched
        self.visitors = visitors
    }

    /// One visitor, and what they did, in order.
    public struct Visitor: Sendable {
        public var id: String
        public var segments: VisitorSegments
        public var events: [Event]
        /// When it happened; nil for now, as whatever clients of the tracking interface send.
        public var occurredAt: Timestamp?

        public init(
            id: String, segments: VisitorSegments = VisitorSegments(), events: [Event], occurredAt: Timestamp? = nil
        ) {
            self.id = id
            self.segments = segments
            self.events = events
            self.occurredAt = occurredAt
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
        public var form: Form = .plain

        /// What an event says besides the goal. SDKs differ: most send a purchase as a plain conversion and an event with
        /// data after it, Ruby's and others the second only, pixels the second first.
        public enum Form: Sendable, Equatable {
            /// Nothing.
            case plain
            /// Data, but none that is stored, such as custom dimensions.
            case annotated
            /// An amount, a number of products or an id, even if it had to be left out.
            case transaction
        }

        public init(
            goalID: Int64, revenue: Double? = nil, productsCount: Int64? = nil, transactionID: String? = nil,
            buckets: [Int64: Int64] = [:]
        ) {
            self.goalID = goalID
            self.revenue = revenue
            self.productsCount = productsCount
            self.transactionID = transactionID
            self.buckets = buckets
            if revenue != nil || productsCount != nil || transactionID != nil { form = .transaction }
        }

        /// The conversion that goes with it.
        var withoutValues: Conversion { Conversion(goalID: goalID, buckets: buckets) }
    }

    /// How many events there are, those that could not be read included.
    public var count: Int { visitors.reduce(refused.values.reduce(0, +)) { $0 + $1.events.count } }

    /// How much work it makes: what is known of a visitor is read and stored, events or none.
    public var weight: Int { visitors.reduce(visitors.count) { $0 + $1.events.count } }
}

/// Why an event is not stored.
public enum TrackingRejection: String, Sendable, CaseIterable {
    /// The experience is not there, or does not run.
    case experience
    /// The experience has no such variation that runs.
    case variation
    /// The goal is not there, or is archived.
    case goal
    /// No running experience has had the goal for longer than the project tracks such goals.
    case idleGoal = "idle_goal"
    /// The visitor has no id, or one of over 255 characters.
    case visitor
    /// The visitor was seen in the experience before, or has converted for what the goal counts for.
    case repeated
    /// The transaction has been counted.
    case transaction
    /// The account, or the project, has tested all visitors that it may, and this one is new.
    case quota
    /// Rules of goals took more work than an event may: not all were judged.
    case rules
    /// It is no object, or holds text that no JSON may hold.
    case malformed
    /// Its type is neither bucketing nor conversion.
    case eventType = "event_type"
    /// The client is a bot.
    case bot
    /// The client's address is one that the project leaves out of its reports.
    case address
}

extension TrackingRejection {
    /// Whether somebody has made a mistake that is worth looking at; the others are as it should be.
    public var isMistake: Bool {
        switch self {
        case .experience, .variation, .goal, .visitor, .malformed, .eventType: true
        case .idleGoal, .repeated, .transaction, .quota, .rules, .bot, .address: false
        }
    }
}
