public import JSON

/// The settings of a project (contract schema `ProjectSettings`).
public struct ProjectSettings: DocumentView {
    public var members: JSONObject

    public init(_ members: JSONObject) { self.members = members }

    /// The name of the time zone.
    public var timeZone: String? { members["time_zone"]?.string }
    /// Seconds from UTC.
    public var utcOffset: Int64 { members["utc_offset"]?.int64 ?? 0 }
    /// Whether names are hidden from visitors.
    public var dataAnonymization: Bool { members["data_anonymization"]?.bool ?? false }
    /// Whether locations that no experience uses are not served.
    public var ignoreUnusedLocations: Bool { members["ignore_unused_locations"]?.bool ?? false }
    /// Whether configs are served to those only who name an SDK key.
    public var disableDefaultConfig: Bool { members["disable_default_config"]?.bool ?? false }
    /// What says that the project has changed, as it is shown.
    public var version: JSONValue? {
        get { members["version"] }
        set { members["version"] = newValue }
    }
    /// The script of its pages; nil where it says nothing.
    public var trackingScript: TrackingScript? { members["tracking_script"]?.object.map { TrackingScript($0) } }
    /// What is recorded of visits; nil where it says nothing.
    public var visitorInsights: VisitorInsights? { members["visitor_insights"]?.object.map { VisitorInsights($0) } }
}

/// The script of a project's pages (contract member `tracking_script`).
public struct TrackingScript: DocumentView {
    public var members: JSONObject

    public init(_ members: JSONObject) { self.members = members }

    /// The version that was released last; nil where there is none.
    public var latestVersion: String? {
        let newest = (members["available_versions"]?.array ?? []).max {
            ($0["released_date"]?.int64 ?? 0) < ($1["released_date"]?.int64 ?? 0)
        }
        return newest?["version"]?.string
    }
}

/// What is recorded of visits (contract member `visitor_insights`).
public struct VisitorInsights: DocumentView {
    public var members: JSONObject

    public init(_ members: JSONObject) { self.members = members }

    /// What the recorder knows the project by.
    public var id: String? { members["id"]?.string }
}

/// How a project's reports are made (contract member `reporting_settings`).
public struct ProjectReportingSettings: ReportingDocument {
    public var members: JSONObject

    public init(_ members: JSONObject) { self.members = members }

    /// The addresses whose visitors are left out of reports (contract member `blocked_ips`).
    public var blockedIPs: BlockedIPs? { members["blocked_ips"].map { BlockedIPs($0) } }
    /// What stands before or after amounts.
    public var currencySymbol: String? { members["currency_symbol"]?.string }
    /// Visitors that may be tested in a billing cycle; nil for any number, which 0 stands for.
    public var testedVisitorsQuota: Int64? { members["tested_visitors_quota"]?.int64.flatMap { $0 > 0 ? $0 : nil } }
    /// Days for which goals that no running experience has are still tracked; nil where they always are (`OFF`, and what the
    /// contract does not know).
    public var trackedGoalDays: Int64? {
        switch members["stop_tracking_goals_after_days"]?.string {
        case "1 day": 1
        case "15 days": 15
        case "30 days": 30
        case "60 days": 60
        default: nil
        }
    }
}
