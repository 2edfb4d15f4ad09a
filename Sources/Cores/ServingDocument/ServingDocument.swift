public import JSON

/// The config documents that experiment SDKs decide by (contract document `convert-serving.yaml`).
///
/// The same input gives the same bytes: all lists go by ascending id. That also makes SDKs agree, since some walk the
/// variations in the order of the document and others by id.
public enum ServingDocument {
    /// The document of a project for a request (contract schema `ConfigResponseData`, operations
    /// `getProjectConfigBySdkKey` and `getProjectConfig`).
    ///
    /// Lists that the SDKs read without asking whether they are there are always there, be they empty.
    public static func make(_ project: ServedProject, _ selection: ServingSelection) -> JSONValue {
        let parts = ServedParts(project, selection)
        let naming = Naming(project)
        let experiences = ServedExperience(parts: parts, naming: naming)
        var document = JSONObject([
            ("account_id", .string(String(project.accountID))),
            ("project", ProjectConfig.make(project.project, environment: selection.environment, naming)),
            ("goals", .array(parts.goals.map { GoalConfig.make($0, naming) })),
            ("locations", .array(parts.locations.map { AudienceConfig.location($0, naming) })),
            ("audiences", .array(parts.audiences.map { AudienceConfig.audience($0, naming) })),
            ("segments", .array(parts.segments.map { AudienceConfig.segment($0, naming) })),
            ("experiences", .array(parts.experiences.map { experiences.make($0) })),
            (
                "archived_experiences",
                .array(Set(project.archivedExperienceIDs).sorted().map { .string(String($0)) })
            ),
        ])
        if naming.isFullstack { document["features"] = .array(parts.features.map { FeatureConfig.make($0, naming) }) }
        document["is_debug"] = .bool(selection.isDebug)
        return .object(document)
    }

    /// The few settings that tracking scripts are put together by (contract schema `ConfigMinimalResponseData`,
    /// operation `getProjectSettings`).
    public static func minimalSettings(_ project: ServedProject) -> JSONValue {
        let ids = JSONObject([
            ("account_id", .string(String(project.accountID))), ("project_id", project.project.idText),
        ])
        return .object(ids.joined(with: ProjectConfig.minimalSettings(project.project["settings"] ?? .null)))
    }

    /// What the project records of visits (contract schema `ConfigOptionalResponseData`, operation
    /// `getProjectOptionalSettings`); without `visitor_insights` where the project has none.
    public static func optionalSettings(_ project: ServedProject) -> JSONValue {
        var document = JSONObject([
            ("account_id", .string(String(project.accountID))), ("project_id", project.project.idText),
        ])
        if let insights = project.project["settings"]?["visitor_insights"], insights.object != nil {
            var shown = insights.picking(["enabled", "obfuscate_text", "sampling_rate", "heatmap_visits_limit"])
            if let id = insights["id"], id.string != nil { shown["tracking_id"] = id }
            document["visitor_insights"] = .object(shown)
        }
        return .object(document)
    }
}
