package import JSON
import ProjectDocuments
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
            var rule = RuleElement(members)
            if let kind = rule.ruleType.flatMap({ namingRules[$0] }), let id = rule.value?.int64 {
                rule.value = .integer(try body(kind, id))
                return rule.json
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
            if let key = experienceKey(of: RuleElement(members)) { return [ClientText(key)] }
            return members.reduce(into: []) { $0.formUnion(experienceKeys(in: $1.value)) }
        default: return []
        }
    }

    private static func experienceKey(of rule: RuleElement) -> String? {
        rule.ruleType == RuleType.bucketedIntoExperienceKey.rawValue ? rule.value?.string : nil
    }

    /// Calls the body with every key of an experience that a rule tree names, and puts in what it returns.
    package static func mapExperienceKeys(_ value: JSONValue, _ body: (String) throws -> String) rethrows -> JSONValue {
        switch value {
        case .array(let elements): return .array(try elements.map { try mapExperienceKeys($0, body) })
        case .object(let members):
            var rule = RuleElement(members)
            if let key = experienceKey(of: rule) {
                rule.value = .string(try body(key))
                return rule.json
            }
            return .object(JSONObject(try members.map { ($0.key, try mapExperienceKeys($0.value, body)) }))
        default: return value
        }
    }
}
