public import JSON

/// A feature (contract schema `Feature`).
public struct FeatureDocument: NamedDocument {
    public var members: JSONObject

    public init(_ members: JSONObject) { self.members = members }

    /// Its variables.
    public var variables: [FeatureVariable] { list("variables") }
}

/// A variable of a feature (contract schema `FeatureVariable`).
public struct FeatureVariable: DocumentView {
    public var members: JSONObject

    public init(_ members: JSONObject) { self.members = members }

    /// What code calls it; nil where there is no such text.
    public var key: String? { members["key"]?.string }
    /// boolean, integer, float, json or string; empty where it does not say.
    public var type: String { members["type"]?.string ?? "" }
    /// What it is where a variation does not set it; nil when it has none.
    public var defaultValue: JSONValue? { members["default_value"].flatMap { $0.isNull ? nil : $0 } }
}
