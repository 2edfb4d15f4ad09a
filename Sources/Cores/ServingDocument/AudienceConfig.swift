import JSON

/// Audiences, segments and locations as they are served.
enum AudienceConfig {
    /// Contract schema `ConfigAudience`: the types permanent and transient.
    static func audience(_ audience: JSONValue, _ naming: Naming) -> JSONValue {
        make(audience, .audience, naming, ["type"])
    }

    /// Contract schema `ConfigSegment`: audiences of the type segmentation.
    static func segment(_ segment: JSONValue, _ naming: Naming) -> JSONValue {
        make(segment, .audience, naming, [])
    }

    /// Contract schema `ConfigLocation`.
    static func location(_ location: JSONValue, _ naming: Naming) -> JSONValue {
        var served = make(location, .location, naming, ["trigger"])
        if served["trigger"] == nil { served["trigger"] = ["type": "upon_run"] }
        return served
    }

    private static func make(
        _ resource: JSONValue, _ kind: Naming.Kind, _ naming: Naming, _ members: [String]
    ) -> JSONValue {
        var served = JSONObject([
            ("id", resource.idText), ("key", naming.key(of: resource, kind)), ("name", naming.name(of: resource)),
        ])
        served = served.joined(with: resource.picking(members))
        served["rules"] = RuleConfig.tree(resource["rules"])
        return .object(served)
    }
}
