import JSON

/// The project itself as it is served (contract schema `ConfigProject`).
enum ProjectConfig {
    /// - Parameter environment: what the request names; its code joins the project's only then.
    static func make(_ project: JSONValue, environment: String?, _ naming: Naming) -> JSONValue {
        [
            "id": project.idText, "name": naming.name(of: project),
            "type": naming.isFullstack ? "fullstack" : "web",
            "utc_offset": .integer(project["settings"]?["utc_offset"]?.int64 ?? 0),
            "custom_domain": customDomain(project["custom_domain"]),
            "domains": DomainConfig.make((project["domains"]?.array ?? []).compactMap { $0["url"]?.string }),
            "global_javascript": script(project, environment: environment),
            "settings": settings(of: project),
        ]
    }

    /// Contract schema `ConfigProjectMinimalSettings`.
    static func minimalSettings(_ settings: JSONValue) -> JSONObject {
        var served = settings.picking(["include_jquery", "include_jquery_v1", "disable_spa_functionality"])
        served["version"] = settings["version"] ?? .null
        if let script = settings["tracking_script"], script.object != nil {
            var release = script.picking(["current_version"])
            // Versions come as a list in which the newest is the one released last.
            let newest = (script["available_versions"]?.array ?? []).max {
                ($0["released_date"]?.int64 ?? 0) < ($1["released_date"]?.int64 ?? 0)
            }
            if let version = newest?["version"], version.string != nil { release["latest_version"] = version }
            served["tracking_script"] = .object(release)
        }
        return served
    }

    /// One whose owner has not proved it yet would send visitors nowhere.
    private static func customDomain(_ domain: JSONValue?) -> JSONValue {
        guard let domain, domain["status"]?.string == "active" else { return .null }
        return .object(domain.picking(["domain", "version"]))
    }

    private static func script(_ project: JSONValue, environment: String?) -> JSONValue {
        let texts = [
            project["global_javascript"]?.string,
            environment.flatMap { project["environments"]?[$0]?["js"]?.string },
        ].compactMap(\.self).filter { !$0.isEmpty }
        return texts.isEmpty ? .null : .string(texts.joined(separator: "\n"))
    }

    private static func settings(of project: JSONValue) -> JSONValue {
        let settings = project["settings"] ?? .null
        var served = settings.picking([
            "allow_crossdomain_tracking", "data_anonymization", "do_not_track", "global_privacy_control",
            "do_not_track_referral",
        ])
        served["integrations"] = IntegrationConfig.ofProject(project)
        let reporting = project["reporting_settings"] ?? .null
        served = served.joined(with: reporting.picking(["min_order_value", "max_order_value", "outliers"]))
        return .object(served.joined(with: minimalSettings(settings)))
    }
}
