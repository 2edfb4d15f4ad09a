public import JSON
import ProjectDocuments

/// An audience or a segment as it is served (contract schemas `ConfigAudience`, of the types permanent and transient, and
/// `ConfigSegment`, of the type segmentation).
public struct ServedAudience: Sendable {
    public let id: String
    public let key: String
    /// As it is written: permanent or transient. Nil for segments.
    public let typeName: String?
    /// Who is in it; null where there are no rules.
    public let rules: JSONValue
    private let name: JSONValue
    private let type: JSONObject

    init(_ audience: AudienceDocument, _ naming: Naming) {
        id = audience.idText
        key = naming.key(of: audience, .audience)
        name = naming.name(of: audience)
        type = audience.isSegment ? JSONObject() : audience.picking(["type"])
        typeName = audience.isSegment ? Optional.none : audience.typeName
        rules = RuleConfig.tree(audience.rules)
    }

    var json: JSONValue {
        var served = JSONObject([("id", .string(id)), ("key", .string(key)), ("name", name)]).joined(with: type)
        served["rules"] = rules
        return .object(served)
    }
}

/// A location as it is served (contract schema `ConfigLocation`).
public struct ServedLocation: Sendable {
    public let id: String
    /// Where it is; null where there are no rules.
    public let rules: JSONValue
    private let key: String
    private let name: JSONValue
    private let trigger: JSONObject

    init(_ location: LocationDocument, _ naming: Naming) {
        id = location.idText
        key = naming.key(of: location, .location)
        name = naming.name(of: location)
        trigger = location.picking(["trigger"])
        rules = RuleConfig.tree(location.rules)
    }

    var json: JSONValue {
        var served = JSONObject([("id", .string(id)), ("key", .string(key)), ("name", name)]).joined(with: trigger)
        served["rules"] = rules
        if served["trigger"] == nil { served["trigger"] = ["type": "upon_run"] }
        return .object(served)
    }
}
