import JSON
import ProjectDocuments

/// The project itself as it is served (contract schema `ConfigProject`).
enum ProjectConfig {
    /// - Parameter environment: what the request names; its code joins the project's only then.
    static func make(_ project: ProjectDocument, environment: String?, _ naming: Naming) -> JSONValue {
        [
            "id": .string(project.idText), "name": naming.name(of: project),
            "type": naming.isFullstack ? "fullstack" : "web",
            "utc_offset": .integer(project.settings.utcOffset),
            "custom_domain": customDomain(project.customDomain),
            "domains": DomainConfig.make(project.domains),
            "global_javascript": script(project, environment: environment),
            "settings": settings(of: project),
        ]
    }

    /// Contract schema `ConfigProjectMinimalSettings`.
    static func minimalSettings(_ settings: ProjectSettings) -> JSONObject {
        var served = settings.picking(["include_jquery", "include_jquery_v1", "disable_spa_functionality"])
        served["version"] = settings.version ?? .null
        if let script = settings.trackingScript {
            var release = script.picking(["current_version"])
            if let version = script.latestVersion { release["latest_version"] = .string(version) }
            served["tracking_script"] = .object(release)
        }
        return served
    }

    /// One whose owner has not proved it yet would send visitors nowhere.
    private static func customDomain(_ domain: CustomDomain?) -> JSONValue {
        guard let domain, domain.isActive else { return .null }
        return .object(domain.picking(["domain", "version"]))
    }

    private static func script(_ project: ProjectDocument, environment: String?) -> JSONValue {
        let texts = [
            project.globalJavaScript, environment.flatMap { project.environment(named: $0)?.js },
        ].compactMap(\.self)
        return texts.isEmpty ? .null : .string(texts.joined(separator: "\n"))
    }

    private static func settings(of project: ProjectDocument) -> JSONValue {
        let settings = project.settings
        var served = settings.picking([
            "allow_crossdomain_tracking", "data_anonymization", "do_not_track", "global_privacy_control",
            "do_not_track_referral",
        ])
        served["integrations"] = IntegrationConfig.ofProject(project)
        let reporting = project.reportingSettings
        served = served.joined(with: reporting.picking(["min_order_value", "max_order_value", "outliers"]))
        return .object(served.joined(with: minimalSettings(settings)))
    }
}
