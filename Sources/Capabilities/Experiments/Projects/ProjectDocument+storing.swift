import JSON
import ProjectDocuments
import Resources

/// What a project's settings are where nobody set them (contract schema `BaseProject`), and what of them nobody may set.
extension ProjectDocument {
    static let defaults: JSONValue = [
        "global_javascript": .null,
        "reporting_settings": [
            "currency_symbol": "$", "stop_tracking_goals_after_days": "OFF", "smart_recommendations": true,
            "primary_metric": "conversion_rate",
        ],
        "settings": [
            "allow_crossdomain_tracking": false, "allow_gdpr": false, "data_anonymization": false,
            "do_not_track": "OFF", "global_privacy_control": "OFF", "include_jquery": false,
            "include_jquery_v1": false, "disable_spa_functionality": false, "do_not_track_referral": false,
            "time_zone": "UTC", "utc_offset": 0, "time_format": "24h", "disable_default_config": false,
            "include_experience_collaborators": false, "legacy_script": false, "ignore_unused_locations": false,
            "tracking_script": ["release": ["type": "manual"]],
        ],
        "integrations_settings": JSONValue.object(JSONObject()),
        "custom_domain": .null,
    ]

    /// The members of a body that the document keeps.
    static func kept(of body: JSONObject) -> JSONValue {
        let names = [
            "global_javascript", "reporting_settings", "settings", "integrations_settings", "custom_domain",
        ]
        var document = JSONValue.object(JSONObject(names.compactMap { name in body[name].map { (name, $0) } }))
        if var settings = document["settings"] {
            for name in ["debug_token", "version"] { settings[name] = nil }
            if var script = settings["tracking_script"], script.object != nil {
                for name in ["previous_version", "available_versions"] { script[name] = nil }
                settings["tracking_script"] = script
            }
            document["settings"] = settings
        }
        if var domain = document["custom_domain"], domain.object != nil {
            for name in ["status", "ownership_verification", "version"] { domain[name] = nil }
            domain["status"] = "pending"
            document["custom_domain"] = domain
        }
        return document
    }

    /// A stored document as answers show it: with the defaults, without secrets.
    static func shown(_ stored: JSONValue) -> ProjectDocument {
        var shown = ProjectDocument(defaults.merged(with: stored))
        if var crazyEgg = shown.integration("crazyegg") {
            crazyEgg.members["api_secret"] = nil
            shown.setIntegration("crazyegg", crazyEgg)
        }
        return shown
    }
}
