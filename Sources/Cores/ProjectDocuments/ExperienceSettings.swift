public import JSON

/// The settings of an experience (contract schema `ExperienceSettings`).
public struct ExperienceSettings: ReportingDocument {
    public var members: JSONObject

    public init(_ members: JSONObject) { self.members = members }

    /// Days after which it ends; nil or 0 for never.
    public var maxRunningTime: Int64? { members["max_running_time"]?.int64 }
    /// Visitors after which it ends; nil or 0 for never.
    public var maxExperienceVisitors: Int64? { members["max_experience_visitors"]?.int64 }
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
