public import EventStore
import JSON
public import Text
import Time

/// Who belongs to a segment: conditions on the person, the person's company and the events the person caused.
///
/// The JSON form, which ``init(parsing:)`` reads:
/// ```json
/// {"all": [
///     {"user_property": "plan", "operator": "in", "value": ["pro", "team"]},
///     {"not": {"company_property": "country", "operator": "equals", "value": "DE"}},
///     {"event": "checkout", "operator": "at_least", "count": 3, "within_days": 30}
/// ]}
/// ```
public indirect enum SegmentRule: Sendable, Equatable {
    /// Every one holds; true when there are none.
    case all([SegmentRule])
    /// At least one holds; false when there are none.
    case any([SegmentRule])
    case not(SegmentRule)
    case property(PropertyCondition)
    case eventCount(EventCondition, EventCountComparison)
}

/// Whose property a condition looks at.
public enum PropertySubject: Sendable, Equatable {
    case user
    /// The person's company. Without one, every property is missing.
    case company
}

/// A condition on one property.
public struct PropertyCondition: Sendable, Equatable {
    public let subject: PropertySubject
    public let key: String
    public let comparison: PropertyComparison
    let operand: PropertyOperand
}

/// How a property is compared. A missing or null property satisfies none but the negative ones: `not_equals`,
/// `not_contains`, `not_in` and `not_exists`. Text is compared byte for byte, upper and lower case apart.
public enum PropertyComparison: String, Sendable, CaseIterable {
    /// Same text, same number (`"5"`, `5` and `5.0` are the same; no number is rounded) or same boolean.
    case equals
    case notEquals = "not_equals"
    /// The text holds the value; a list holds an element that equals it.
    case contains
    case notContains = "not_contains"
    case startsWith = "starts_with"
    case endsWith = "ends_with"
    /// Numbers, and texts that are numbers.
    case greaterThan = "greater_than"
    case atLeast = "at_least"
    case lessThan = "less_than"
    case atMost = "at_most"
    case exists
    case notExists = "not_exists"
    /// Equals one of a list of values.
    case `in`
    case notIn = "not_in"
    /// `true`, or the text `true`.
    case isTrue = "is_true"
    case isFalse = "is_false"
    /// Dates in ISO 8601, and numbers as Unix seconds or milliseconds.
    case before
    case after
}

/// What a property is compared with, in the form the comparison needs.
enum PropertyOperand: Sendable, Equatable {
    case none
    case scalar(JSONValue)
    case number(ExactNumber)
    case text(String)
    case time(Timestamp)
    case list([JSONValue])
}

/// Which events a condition counts.
public struct EventCondition: Sendable, Hashable {
    /// Only events of this name; any when nil.
    public let eventName: ClientText?
    /// Only events of this type; any when nil.
    public let eventType: EventType?
    /// Only events of the last so many days; all when nil.
    public let withinDays: Int?

    public init(eventName: ClientText?, eventType: EventType? = nil, withinDays: Int? = nil) {
        self.eventName = eventName
        self.eventType = eventType
        self.withinDays = withinDays
    }
}

/// How many events there must be.
public enum EventCountComparison: Sendable, Equatable {
    case atLeast(Int)
    case atMost(Int)
    case exactly(Int)
}

extension SegmentRule {
    /// The event counts that deciding the rule needs.
    var eventConditions: Set<EventCondition> {
        switch self {
        case .all(let rules), .any(let rules): rules.reduce(into: []) { $0.formUnion($1.eventConditions) }
        case .not(let rule): rule.eventConditions
        case .property: []
        case .eventCount(let condition, _): [condition]
        }
    }

    /// Whether deciding the rule needs the person's company.
    var looksAtCompany: Bool {
        switch self {
        case .all(let rules), .any(let rules): rules.contains(where: \.looksAtCompany)
        case .not(let rule): rule.looksAtCompany
        case .property(let condition): condition.subject == .company
        case .eventCount: false
        }
    }
}
