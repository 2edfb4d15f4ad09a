import JSON

/// Settings of other tools, without what only concerns their management.
enum IntegrationConfig {
    /// Contract schemas `ExperienceIntegration...`.
    static func ofExperience(_ integration: JSONValue) -> JSONObject {
        integration.picking(
            ["provider", "enabled", "type", "property_UA", "measurementId", "custom_dimension", "evar"],
            nullable: ["enabled", "property_UA"])
    }

    /// `integrations` of a project's settings; nil when it has none.
    static func ofProject(_ project: JSONValue) -> JSONValue? {
        let settings = project["integrations_settings"]
        var served = JSONObject()
        if let analytics = settings?["google_analytics"], analytics.object != nil {
            let members = [
                "enabled", "auto_revenue_tracking", "track_first_exposure_only", "type", "property_UA",
                "measurementId", "no_wait_pageview",
            ]
            served["google_analytics"] = .object(analytics.picking(members, nullable: ["property_UA"]))
        }
        if let id = project["settings"]?["visitor_insights"]?["id"], id.string != nil {
            served["visitor_insights"] = ["tracking_id": id]
        }
        if let kissmetrics = settings?["kissmetrics"], kissmetrics.object != nil {
            served["kissmetrics"] = .object(kissmetrics.picking(["enabled"]))
        }
        return served.isEmpty ? nil : .object(served)
    }
}
