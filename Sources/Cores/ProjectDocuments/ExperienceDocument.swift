public import JSON

/// An experience (contract schema `Experience` of `convert.yaml`): as it is stored, which is without id, name, key, status and
/// references, or as it is shown.
public struct ExperienceDocument: NamedDocument {
    public var members: JSONObject

    public init(_ members: JSONObject) { self.members = members }

    /// The kind; nil for none of the contract's.
    public var type: ExperienceType? { members["type"]?.string.flatMap(ExperienceType.init) }

    /// Where it stands, as it is shown.
    public var status: ExperienceStatus? { members["status"]?.string.flatMap(ExperienceStatus.init) }

    /// Whether it has ever run (`started`, which is stored and not shown).
    public var isStarted: Bool {
        get { members["started"]?.bool ?? false }
        set { members["started"] = .bool(newValue) }
    }

    /// Whether its winner has all new visitors, and nothing more is decided in it (`concluded`, which is stored and not shown).
    public var isConcluded: Bool {
        get { members["concluded"]?.bool ?? false }
        set { members["concluded"] = newValue ? true : nil }
    }

    /// When it starts, or started, in Unix seconds; nil is stored as null.
    public var startTime: Int64? {
        get { members["start_time"]?.int64 }
        set { members["start_time"] = newValue.map { .integer($0) } ?? .null }
    }

    /// When it ends, or ended, in Unix seconds; nil is stored as null.
    public var endTime: Int64? {
        get { members["end_time"]?.int64 }
        set { members["end_time"] = newValue.map { .integer($0) } ?? .null }
    }

    /// So many days after the start, in Unix seconds; nil where it has no start, or the days are none.
    public func time(afterDays days: Int64?) -> Int64? {
        guard let start = startTime, let days, days > 0 else { return nil }
        let (length, isTooLong) = days.multipliedReportingOverflow(by: 86_400)
        let (end, isTooLate) = start.addingReportingOverflow(length)
        return isTooLong || isTooLate ? .max : end
    }

    /// The members in which a start and an end are kept.
    public static let times = ["start_time", "end_time"]

    /// Takes over when another one started, as it stands there.
    public mutating func takeStart(of other: ExperienceDocument) { members["start_time"] = other.members["start_time"] }

    /// Takes over when another one ends, as it stands there.
    public mutating func takeEnd(of other: ExperienceDocument) { members["end_time"] = other.members["end_time"] }

    /// Takes over when another one started and ends, and whether it ever ran.
    public mutating func takeLife(of other: ExperienceDocument) {
        takeStart(of: other)
        takeEnd(of: other)
        members["started"] = other.members["started"]
    }

    /// Percent of all visitors that enter it; nil where it does not say.
    public var trafficDistribution: Double? { members["traffic_distribution"]?.double }

    /// How visitors are spread over its variations, as it is written: 1 to 12. Nil where it does not say.
    public var version: JSONValue? {
        guard let version = members["version"], version.double != nil else { return Optional.none }
        return version
    }

    /// Whether each variation has a place of its own, which another one that is stopped does not move: from version 12 on.
    public var isAnchored: Bool { (members["version"]?.double ?? 0) > 11 }

    /// The id of the goal that decides.
    public var primaryGoal: Int64? {
        get { members["primary_goal"]?.int64 }
        set { members["primary_goal"] = newValue.map { .integer($0) } ?? .null }
    }

    /// The name of the environment that it runs in; nil for the project's default one.
    public var environment: String? {
        get { members["environment"]?.string }
        set { members["environment"] = newValue.map { .string($0) } ?? .null }
    }

    /// The address of the page that it changes.
    public var url: String? { members["url"]?.string }

    /// The pages of one that runs on several (`multipage_pages`).
    public var pages: [ExperiencePage] { list("multipage_pages") }

    /// Removes the pages, of an experience that can have none.
    public mutating func removePages() { members["multipage_pages"] = nil }

    /// Code for all its variations; nil where there is none.
    public var globalCSS: String? { text("global_css") }
    /// Code for all its variations; nil where there is none.
    public var globalJS: String? { text("global_js") }

    /// Its settings.
    public var settings: ExperienceSettings { ExperienceSettings(members["settings"]) }

    /// The sections of a multivariate test, whose versions combine into its variations. Stored, and not shown.
    public var sections: [SectionDocument] {
        get { list("sections") }
        set { members["sections"] = .array(newValue.map(\.json)) }
    }

    /// Whether it lists sections, be it none.
    public var hasSections: Bool { members["sections"]?.array != nil }

    /// The older rules for pages: a tree, or `include` and `exclude`.
    public var siteArea: JSONValue? { members["site_area"] }

    /// The tools that are told of its visitors.
    public var integrations: [IntegrationDocument] { list("integrations") }

    /// The ids of its goals, as it is shown.
    public var goals: [Int64] { ids("goals") }
    /// The ids of its audiences, as it is shown.
    public var audiences: [Int64] { ids("audiences") }
    /// The ids of its locations, as it is shown.
    public var locations: [Int64] { ids("locations") }
    /// Its variations, where it is shown with them.
    public var variations: [VariationDocument] { list("variations") }
}

/// A page of an experience that runs on several (contract member `multipage_pages`).
public struct ExperiencePage: DocumentView {
    public var members: JSONObject

    public init(_ members: JSONObject) { self.members = members }

    /// One or two characters.
    public var id: String? { members["id"]?.string }
    /// What people call it.
    public var name: String? { members["name"]?.string }
    /// Its address.
    public var url: String? { members["url"]?.string }
}
