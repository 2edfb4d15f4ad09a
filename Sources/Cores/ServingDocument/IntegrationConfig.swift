import JSON
import ProjectDocuments

/// Settings of other tools, without what only concerns their management.
enum IntegrationConfig {
    /// Contract schemas `ExperienceIntegration...`.
    static func ofExperience(_ integration: IntegrationDocument) -> JSONObject {
        integration.picking(
            ["provider", "enabled", "type", "property_UA", "measurementId", "custom_dimension", "evar"],
            nullable: ["enabled", "property_UA"])
    }

    /// `integrations` of a project's settings; nil when it has none.
    static func ofProject(_ project: ProjectDocument) -> JSONValue? {
        var served = JSONObject()
        if let analytics = project.integration("google_analytics") {
            let members = [
                "enabled", "auto_revenue_tracking", "track_first_exposure_only", "type", "property_UA",
                "measurementId", "no_wait_pageview",
            ]
            served["google_analytics"] = .object(analytics.picking(members, nullable: ["property_UA"]))
        }
        if let id = project.settings.visitorInsights?.id {
            served["visitor_insights"] = ["tracking_id": .string(id)]
        }
        if let kissmetrics = project.integration("kissmetrics") {
            served["kissmetrics"] = .object(kissmetrics.picking(["enabled"]))
        }
        return served.isEmpty ? Optional.none : .object(served)
    }
}
