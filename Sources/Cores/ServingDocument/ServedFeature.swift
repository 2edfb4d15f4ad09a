public import JSON
public import ProjectDocuments

/// A feature as it is served (contract schema `ConfigFeature`).
public struct ServedFeature: Sendable {
    public let id: String
    public let key: String
    public let name: JSONValue
    public let variables: [FeatureVariable]

    init(_ feature: FeatureDocument, _ naming: Naming) {
        id = feature.idText
        key = naming.key(of: feature)
        name = naming.name(of: feature)
        variables = feature.variables
    }

    var json: JSONValue {
        [
            "id": .string(id), "name": name, "key": .string(key),
            "variables": .array(variables.map { .object($0.picking(["key", "type"])) }),
        ]
    }
}
