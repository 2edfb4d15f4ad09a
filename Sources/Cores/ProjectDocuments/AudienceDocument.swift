public import JSON

/// An audience or a segment (contract schema `Audience`).
public struct AudienceDocument: NamedDocument {
    public var members: JSONObject

    public init(_ members: JSONObject) { self.members = members }

    /// The type as it is written: permanent, transient or segmentation.
    public var typeName: String? { members["type"]?.string }
    /// Whether it is a segment, which visitors are put in (type segmentation).
    public var isSegment: Bool { typeName == "segmentation" }
    /// Who is in it; nil where there are no rules.
    public var rules: JSONValue? { members["rules"] }
}

/// A location (contract schema `Location`).
public struct LocationDocument: NamedDocument {
    public var members: JSONObject

    public init(_ members: JSONObject) { self.members = members }

    /// Where it is; nil where there are no rules.
    public var rules: JSONValue? { members["rules"] }
}
