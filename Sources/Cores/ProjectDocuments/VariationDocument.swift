public import JSON

/// A variation (contract schema `ExperienceVariation`): as it is stored, which is without id, name, key and changes, or as it is
/// shown.
public struct VariationDocument: NamedDocument {
    public var members: JSONObject

    public init(_ members: JSONObject) { self.members = members }

    /// Whether the others are compared with it.
    public var isBaseline: Bool {
        get { members["is_baseline"]?.bool ?? false }
        set { members["is_baseline"] = .bool(newValue) }
    }

    /// Percent of the experience's visitors; nil, which is stored as no member, for an equal share.
    public var trafficDistribution: Double? {
        get { members["traffic_distribution"]?.double }
        set { members["traffic_distribution"] = newValue.map { .double($0) } }
    }

    /// Whether it takes visitors (`status`).
    public var isRunning: Bool { members["status"]?.string != "stopped" }

    /// Ends that it takes visitors.
    public mutating func stop() {
        members["status"] = "stopped"
        members["traffic_distribution"] = 0
    }

    /// Says what a new one is where its creator does not: it takes visitors, is no baseline, and has no description.
    public mutating func complete() {
        for (member, value) in [("status", "running"), ("is_baseline", false), ("description", "")]
            as [(String, JSONValue)]
        where members[member] == nil { members[member] = value }
    }

    /// Of a multivariate test: the version of each section, in the order of the sections. Stored, and not shown.
    public var versions: [String] {
        get { members["versions"]?.array?.compactMap(\.string) ?? [] }
        set { members["versions"] = .array(newValue.map { .string($0) }) }
    }

    /// What it does, where it is shown with that.
    public var changes: [ChangeDocument] {
        get { list("changes") }
        set { members["changes"] = .array(newValue.map(\.json)) }
    }
}

/// What a variation, or a version of a section, does (contract schema `ExperienceChange`).
public struct ChangeDocument: DocumentView {
    public var members: JSONObject

    public init(_ members: JSONObject) { self.members = members }

    /// The type as it is written; nil where there is none.
    public var typeName: String? { members["type"]?.string }
    /// The type; nil for none of the contract's.
    public var type: ChangeType? { typeName.flatMap(ChangeType.init) }
    /// What it does; nil where it does not say.
    public var data: ChangeData? {
        get { members["data"].map { ChangeData($0) } }
        set { members["data"] = newValue?.json }
    }

    /// What a change of this type that does this is shown as.
    public init(type: String, data: ChangeData) {
        self.init(JSONObject([("type", .string(type)), ("data", data.json)]))
    }
}

/// The types of changes (contract schema `ExperienceChangeBase`).
public enum ChangeType: String, Sendable, CaseIterable {
    case richStructure
    case customCode
    case defaultCode
    case defaultCodeMultipage
    case defaultRedirect
    case fullStackFeature
}

/// What a change does. Which members there are the change's type says.
public struct ChangeData: DocumentView {
    public var members: JSONObject

    public init(_ members: JSONObject) { self.members = members }

    /// The page of an experience that runs on several.
    public var pageID: String? { members["page_id"]?.string }
    /// The feature that is switched on.
    public var featureID: Int64? {
        get { members["feature_id"]?.int64 }
        set { members["feature_id"] = newValue.map { .integer($0) } }
    }
    /// The values that its variables get.
    public var variablesData: JSONObject { members["variables_data"]?.object ?? JSONObject() }
    /// The addresses that a redirect takes visitors from.
    public var originalPattern: String? { members["original_pattern"]?.string }
    /// Where a redirect takes them.
    public var variationPattern: String? { members["variation_pattern"]?.string }
    /// Whether a redirect distinguishes capitals.
    public var isCaseSensitive: Bool { members["case_sensitive"]?.bool ?? false }
    /// Rules of style; nil where there are none.
    public var css: String? { text("css") }
    /// Code; nil where there is none.
    public var js: String? { text("js") }
    /// Code that stands apart from the editor's; nil where there is none.
    public var customJS: String? { text("custom_js") }
}
