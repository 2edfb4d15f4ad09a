public import JSON

/// The settings of an experience (contract schema `ExperienceSettings`).
public struct ExperienceSettings: ReportingDocument {
    public var members: JSONObject

    public init(_ members: JSONObject) { self.members = members }

    /// Whether addresses of a split URL test are patterns; nil where it does not say.
    public var splitRegexSupport: Bool? { members["split_url_settings"]?["split_regex_support"]?.bool }

    /// A list of rules of which one or all must match.
    public enum MatchedList: String, CaseIterable, Sendable {
        case audiences
        case locations
    }

    /// Whether all of a list must match, and not only one (`matching_options`).
    public func matchesAll(_ list: MatchedList) -> Bool {
        members["matching_options"]?[list.rawValue]?.string == "all"
    }
}
