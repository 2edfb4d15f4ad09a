public import JSON

/// A project (contract schema `Project` of `convert.yaml`): as it is stored, which is without id, name, type and what it holds, or
/// as it is shown.
public struct ProjectDocument: NamedDocument {
    public var members: JSONObject

    public init(_ members: JSONObject) { self.members = members }

    /// Whether code asks for decisions, and not a page's script (`project_type`).
    public var isFullstack: Bool { members["project_type"]?.string == "fullstack" }

    /// Its settings.
    public var settings: ProjectSettings {
        get { ProjectSettings(members["settings"]) }
        set { members["settings"] = newValue.json }
    }

    /// How its reports are made.
    public var reportingSettings: ProjectReportingSettings { ProjectReportingSettings(members["reporting_settings"]) }

    /// What it says of another tool, such as `google_analytics`; nil where that is nothing.
    public func integration(_ tool: String) -> IntegrationDocument? {
        members["integrations_settings"]?[tool]?.object.map { IntegrationDocument($0) }
    }

    /// Says something else of another tool.
    public mutating func setIntegration(_ tool: String, _ integration: IntegrationDocument) {
        members["integrations_settings"]?[tool] = integration.json
    }

    /// Its own address for scripts and calls; nil where it has none.
    public var customDomain: CustomDomain? { members["custom_domain"]?.object.map { CustomDomain($0) } }

    /// The addresses of its sites, where it is shown with them.
    public var domains: [String] { (members["domains"]?.array ?? []).compactMap { $0["url"]?.string } }

    /// Code for all its pages; nil where there is none.
    public var globalJavaScript: String? { text("global_javascript") }

    /// Its environments by name, in order.
    public var environments: [(name: String, environment: EnvironmentDocument)] {
        (members["environments"]?.object ?? JSONObject()).map { ($0.key, EnvironmentDocument($0.value)) }
    }

    /// The environment of this name; nil where there is none.
    public func environment(named name: String) -> EnvironmentDocument? {
        members["environments"]?[name].map { EnvironmentDocument($0) }
    }
}

/// What a project, or an experience, says of another tool.
public struct IntegrationDocument: DocumentView {
    public var members: JSONObject

    public init(_ members: JSONObject) { self.members = members }
}

/// An environment of a project (contract schema `ProjectEnvironment`).
public struct EnvironmentDocument: DocumentView {
    public var members: JSONObject

    public init(_ members: JSONObject) { self.members = members }

    /// Whether it is meant where none is named.
    public var isDefault: Bool { members["is_default"]?.bool ?? false }
    /// Code for its pages; nil where there is none.
    public var js: String? { text("js") }
}

/// A project's own address for scripts and calls (contract schema `CustomDomain`).
public struct CustomDomain: DocumentView {
    public var members: JSONObject

    public init(_ members: JSONObject) { self.members = members }

    /// Whether its owner has proved it.
    public var isActive: Bool { members["status"]?.string == "active" }
}
