import EventStore
public import JSON
import Text
import Time

/// What is wrong with a rule, and where.
public struct SegmentRuleError: FieldError, Equatable {
    /// The place, such as `rule.all[2].operator`.
    public let path: String
    public let message: String

    public var field: String? { path }
}

extension SegmentRule {
    /// How deep conditions may nest.
    public static let maximumDepth = 8
    /// How many conditions a rule may have in all.
    public static let maximumConditions = 100
    /// How many values `in` and `not_in` may list.
    public static let maximumListedValues = 1_000

    /// Reads a rule from its JSON form.
    /// - Throws: ``SegmentRuleError`` with the place of the first thing that is wrong; members that mean nothing are
    ///   wrong as well, since a misspelt limit would otherwise widen the segment.
    public init(parsing json: JSONValue) throws(SegmentRuleError) {
        var parser = RuleParser()
        self = try parser.rule(json, at: "rule", depth: 1)
    }
}

private struct RuleParser {
    private var conditions = 0

    mutating func rule(_ json: JSONValue, at path: String, depth: Int) throws(SegmentRuleError) -> SegmentRule {
        guard let object = json.object else { throw error(path, "give an object") }
        guard depth <= SegmentRule.maximumDepth else {
            throw error(path, "conditions nest deeper than \(SegmentRule.maximumDepth) levels")
        }
        let forms = ["all", "any", "not", "user_property", "company_property", "event"].filter { object[$0] != nil }
        guard forms.count == 1, let form = forms.first, let content = object[form] else {
            throw error(
                path, "give exactly one of all, any, not, user_property, company_property and event")
        }
        switch form {
        case "all":
            try refuseOthers(than: ["all"], in: object, at: path)
            return .all(try rules(content, at: "\(path).all", depth: depth))
        case "any":
            try refuseOthers(than: ["any"], in: object, at: path)
            return .any(try rules(content, at: "\(path).any", depth: depth))
        case "not":
            try refuseOthers(than: ["not"], in: object, at: path)
            return .not(try rule(content, at: "\(path).not", depth: depth + 1))
        case "event":
            try count(at: path)
            return try eventCondition(object, at: path)
        default:
            try count(at: path)
            return .property(try propertyCondition(object, form, at: path))
        }
    }

    private mutating func rules(
        _ json: JSONValue, at path: String, depth: Int
    ) throws(SegmentRuleError) -> [SegmentRule] {
        guard let elements = json.array else { throw error(path, "give a list of conditions") }
        var rules: [SegmentRule] = []
        for (index, element) in elements.enumerated() {
            rules.append(try rule(element, at: "\(path)[\(index)]", depth: depth + 1))
        }
        return rules
    }

    private mutating func count(at path: String) throws(SegmentRuleError) {
        conditions += 1
        if conditions > SegmentRule.maximumConditions {
            throw error(path, "a rule has at most \(SegmentRule.maximumConditions) conditions")
        }
    }

    private func propertyCondition(
        _ object: JSONObject, _ form: String, at path: String
    ) throws(SegmentRuleError) -> PropertyCondition {
        try refuseOthers(than: [form, "operator", "value"], in: object, at: path)
        guard let key = object[form]?.string, !key.isEmpty else {
            throw error("\(path).\(form)", "give the name of a property")
        }
        guard let name = object["operator"]?.string, let comparison = PropertyComparison(rawValue: name) else {
            let known = PropertyComparison.allCases.map(\.rawValue).joined(separator: ", ")
            throw error("\(path).operator", "give one of \(known)")
        }
        return PropertyCondition(
            subject: form == "user_property" ? .user : .company, key: key, comparison: comparison,
            operand: try operand(for: comparison, object["value"], at: "\(path).value"))
    }

    private func operand(
        for comparison: PropertyComparison, _ value: JSONValue?, at path: String
    ) throws(SegmentRuleError) -> PropertyOperand {
        switch comparison {
        case .exists, .notExists, .isTrue, .isFalse:
            guard value == nil || value == .null else { throw error(path, "\(comparison.rawValue) takes no value") }
            return .none
        case .equals, .notEquals:
            guard let value, isScalar(value) else { throw error(path, "give a string, a number or a boolean") }
            return .scalar(value)
        case .contains, .notContains, .startsWith, .endsWith:
            guard let text = value?.string, !text.isEmpty else { throw error(path, "give a string, not empty") }
            return .text(text)
        case .greaterThan, .atLeast, .lessThan, .atMost:
            guard let number = value.flatMap({ ExactNumber($0) }) else {
                throw error(path, "give a number")
            }
            return .number(number)
        case .in, .notIn:
            guard let values = value?.array, !values.isEmpty, values.count <= SegmentRule.maximumListedValues,
                values.allSatisfy(isScalar)
            else {
                throw error(path, "give a list of 1 to \(SegmentRule.maximumListedValues) strings, numbers or booleans")
            }
            return .list(values)
        case .before, .after:
            guard let time = value?.string.flatMap({ Timestamp($0) }) else {
                throw error(path, "give a date such as 2025-01-31 or 2025-01-31T12:00:00Z")
            }
            return .time(time)
        }
    }

    private func eventCondition(_ object: JSONObject, at path: String) throws(SegmentRuleError) -> SegmentRule {
        try refuseOthers(
            than: ["event", "event_type", "operator", "count", "within_days"], in: object, at: path)
        let event = object["event"] ?? .null
        guard event.isNull || event.string?.isEmpty == false else {
            throw error("\(path).event", "give the name of an event, or null for any")
        }
        var eventType: EventType?
        if let type = object["event_type"], !type.isNull {
            guard let known = type.string.flatMap({ EventType(name: $0) }) else {
                let names = EventType.allCases.map(\.name).joined(separator: ", ")
                throw error("\(path).event_type", "give one of \(names)")
            }
            eventType = known
        }
        guard let number = object["count"]?.int64, (0...1_000_000_000).contains(number) else {
            throw error("\(path).count", "give a whole number from 0 to 1000000000")
        }
        let comparison: EventCountComparison
        switch object["operator"]?.string {
        case "at_least": comparison = .atLeast(Int(number))
        case "at_most": comparison = .atMost(Int(number))
        case "exactly": comparison = .exactly(Int(number))
        default: throw error("\(path).operator", "give one of at_least, at_most, exactly")
        }
        var withinDays: Int?
        if let days = object["within_days"], !days.isNull {
            guard let count = days.int64, (1...3_650).contains(count) else {
                throw error("\(path).within_days", "give a whole number from 1 to 3650")
            }
            withinDays = Int(count)
        }
        let condition = EventCondition(
            eventName: event.string.map { ClientText($0) }, eventType: eventType, withinDays: withinDays)
        return .eventCount(condition, comparison)
    }

    private func isScalar(_ value: JSONValue) -> Bool {
        switch value {
        case .bool, .integer, .double, .number, .string: true
        case .null, .array, .object: false
        }
    }

    private func refuseOthers(
        than known: Set<String>, in object: JSONObject, at path: String
    ) throws(SegmentRuleError) {
        for key in object.keys where !known.contains(key) {
            throw error("\(path).\(key)", "means nothing here; known are \(known.sorted().joined(separator: ", "))")
        }
    }

    private func error(_ path: String, _ message: String) -> SegmentRuleError {
        SegmentRuleError(path: path, message: message)
    }
}
