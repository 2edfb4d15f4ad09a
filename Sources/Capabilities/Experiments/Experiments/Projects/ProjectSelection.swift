public import JSON
import Targeting
import Text

/// Which parts of a project an export holds (contract schema `ExportProjectRequestData`).
public struct ProjectSelection: Sendable {
    let includesProject: Bool
    private let parts: [ResourceKind: Part]

    private enum Part: Sendable {
        case only(Set<Int64>)
        case allBut(Set<Int64>)
    }

    /// - Throws: ``ExperimentsError`` when a part names what to include and what to exclude.
    public init(_ body: JSONObject) throws {
        includesProject = body["includeProject"]?.bool ?? true
        var parts: [ResourceKind: Part] = [:]
        for (kind, member) in ProjectFile.members {
            let include = body[member]?["include"]?.array?.compactMap(\.int64)
            let exclude = body[member]?["exclude"]?.array?.compactMap(\.int64)
            switch (include, exclude) {
            case (nil, nil): break
            case (let ids?, nil): parts[kind] = .only(Set(ids))
            case (nil, let ids?): parts[kind] = .allBut(Set(ids))
            case (_?, _?):
                throw ExperimentsError.invalid(member, "\(member) takes include or exclude, not both.")
            }
        }
        self.parts = parts
    }

    func holds(_ id: Int64, _ kind: ResourceKind) -> Bool {
        switch parts[kind] {
        case nil: true
        case .only(let ids): ids.contains(id)
        case .allBut(let ids): !ids.contains(id)
        }
    }
}

/// The JSON file that carries a project, or parts of one, from one account to another.
public enum ProjectFile {
    static let version: Int64 = 1

    /// Where each kind stands in the file, in an order in which references come after what they name.
    public static let members: [(kind: ResourceKind, member: String)] = [
        (.tag, "tags"), (.goal, "goals"), (.audience, "audiences"), (.location, "locations"), (.feature, "features"),
        (.experience, "experiences"), (.hypothesis, "hypothesis"),
    ]

    /// Elements of rules that name a resource by its id.
    static let namingRules: [String: ResourceKind] = [
        "goal_triggered": .goal, "bucketed_into_segment": .audience, "bucketed_into_experience": .experience,
    ]

    /// Calls the body with every id that a rule tree names, and puts in what it returns.
    static func mapRules(_ value: JSONValue, _ body: (ResourceKind, Int64) throws -> Int64) rethrows -> JSONValue {
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
    static func experienceKeys(in value: JSONValue) -> Set<ClientText> {
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
    static func mapExperienceKeys(_ value: JSONValue, _ body: (String) throws -> String) rethrows -> JSONValue {
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
