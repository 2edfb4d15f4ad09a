public import JSON
import ProjectDocuments

/// The smaller documents that scripts are put together by (contract document `convert-serving.yaml`); the one that SDKs decide
/// by is ``ServedConfig/document``.
public enum ServingDocument {
    /// The few settings that tracking scripts are put together by (contract schema `ConfigMinimalResponseData`,
    /// operation `getProjectSettings`).
    public static func minimalSettings(_ project: ServedProject) -> JSONValue {
        .object(ids(project).joined(with: ProjectConfig.minimalSettings(project.project.settings)))
    }

    /// What the project records of visits (contract schema `ConfigOptionalResponseData`, operation
    /// `getProjectOptionalSettings`); without `visitor_insights` where the project has none.
    public static func optionalSettings(_ project: ServedProject) -> JSONValue {
        var document = ids(project)
        if let insights = project.project.settings.visitorInsights {
            var shown = insights.picking(["enabled", "obfuscate_text", "sampling_rate", "heatmap_visits_limit"])
            if let id = insights.id { shown["tracking_id"] = .string(id) }
            document["visitor_insights"] = .object(shown)
        }
        return .object(document)
    }

    private static func ids(_ project: ServedProject) -> JSONObject {
        JSONObject([
            ("account_id", .string(String(project.accountID))), ("project_id", .string(project.project.idText)),
        ])
    }
}
