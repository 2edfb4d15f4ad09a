public import JSON

/// A section of a multivariate test (contract schema `ExperienceSection`).
public struct SectionDocument: DocumentView {
    public var members: JSONObject

    public init(_ members: JSONObject) { self.members = members }

    public init(id: String, name: String, versions: [VersionDocument]) {
        self.init(
            JSONObject([
                ("id", .string(id)), ("name", .string(name)), ("versions", .array(versions.map(\.json))),
            ]))
    }

    /// One or two characters; nil where there is no such text.
    public var id: String? { members["id"]?.string }
    /// What people call it.
    public var name: String? { members["name"]?.string }
    /// Its versions.
    public var versions: [VersionDocument] {
        get { list("versions") }
        set { members["versions"] = .array(newValue.map(\.json)) }
    }
}

/// A version of a section (contract schema `ExperienceSectionVersion`).
public struct VersionDocument: DocumentView {
    public var members: JSONObject

    public init(_ members: JSONObject) { self.members = members }

    public init(id: String, name: String) {
        self.init(JSONObject([("id", .string(id)), ("name", .string(name))]))
    }

    /// What it is called among the section's; nil where there is no such text.
    public var id: String? { members["id"]?.string }
    /// What people call it.
    public var name: String? { members["name"]?.string }
    /// What it does, where it comes with that.
    public var changes: [ChangeDocument] {
        get { list("changes") }
        set { members["changes"] = .array(newValue.map(\.json)) }
    }
}
