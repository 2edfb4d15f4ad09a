package import JSON
import Targeting
package import Text

/// What rule trees name: resources by their ids, and experiences by their keys.
package enum RuleReferences {
    /// Elements of rules that name a resource by its id.
    private static let namingRules: [String: ResourceKind] = [
        "goal_triggered": .goal, "bucketed_into_segment": .audience, "bucketed_into_experience": .experience,
    ]

    /// Calls the body with every id that a rule tree names, and puts in what it returns.
    package static func mapRules(_ value: JSONValue, _ body: (ResourceKind, Int64) throws -> Int64) rethrows
        -> JSONValue
    {
        switch value {
        case .array(let elements): return .array(try elements.map { try mapRules($0, body) })
        case .object(let members):
            if let kind = members["rule_type"]?.string.flatMap({ namingRules[$0] }), let id = members["value"]?.int64 {
                var mapped = members
                mapped["value"] = .integer(try body(kind, id))
                return .object(mapped)
            }
            return .object(JSONObject(try members.map { ($0.key, try mapRules($0.value, body)) }))
        default: return value
        }
    }

    /// The keys of experiences that a rule tree names.
    package static func experienceKeys(in value: JSONValue) -> Set<ClientText> {
        switch value {
        case .array(let elements): return elements.reduce(into: []) { $0.formUnion(experienceKeys(in: $1)) }
        case .object(let members):
            if let key = experienceKey(of: members) { return [ClientText(key)] }
            return members.reduce(into: []) { $0.formUnion(experienceKeys(in: $1.value)) }
        default: return []
        }
    }

    private static func experienceKey(of rule: JSONObject) -> String? {
        guard rule["rule_type"] == .string(RuleType.bucketedIntoExperienceKey.rawValue) else { return nil }
        return rule["value"]?.string
    }

    /// Calls the body with every key of an experience that a rule tree names, and puts in what it returns.
    package static func mapExperienceKeys(_ value: JSONValue, _ body: (String) throws -> String) rethrows -> JSONValue {
        switch value {
        case .array(let elements): return .array(try elements.map { try mapExperienceKeys($0, body) })
        case .object(let members):
            if let key = experienceKey(of: members) {
                var mapped = members
                mapped["value"] = .string(try body(key))
                return .object(mapped)
            }
            return .object(JSONObject(try members.map { ($0.key, try mapExperienceKeys($0.value, body)) }))
        default: return value
        }
    }
}
