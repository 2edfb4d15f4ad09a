public import JSON

/// A site of a project (contract schema `ProjectDomain`).
public struct DomainDocument: NamedDocument {
    public var members: JSONObject

    public init(_ members: JSONObject) { self.members = members }

    /// Whether a page of it has been seen with the tracking script.
    public var codeInstalled: Bool { members["code_installed"]?.bool ?? false }
}
