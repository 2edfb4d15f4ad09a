import JSON

/// Features as they are served (contract schema `ConfigFeature`).
enum FeatureConfig {
    static func make(_ feature: JSONValue, _ naming: Naming) -> JSONValue {
        [
            "id": feature.idText, "name": naming.name(of: feature), "key": naming.key(of: feature),
            "variables": .array(
                (feature["variables"]?.array ?? []).map { .object($0.picking(["key", "type"])) }),
        ]
    }
}
