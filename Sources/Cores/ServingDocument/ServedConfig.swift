public import JSON
import ProjectDocuments

/// What a request gets of a project: SDKs as a document to decide by, and this server's own decisions as it stands.
///
/// The same input gives the same bytes: all lists go by ascending id. That also makes SDKs agree, since some walk the
/// variations in the order of the document and others by id.
public struct ServedConfig: Sendable {
    /// The experiences that visitors may come into.
    public let experiences: [ServedExperience]
    /// The audiences of the types permanent and transient.
    public let audiences: [ServedAudience]
    /// The audiences of the type segmentation.
    public let segments: [ServedAudience]
    public let locations: [ServedLocation]
    /// Empty for web projects, which have none.
    public let features: [ServedFeature]
    private let goals: [GoalDocument]
    private let project: ServedProject
    private let selection: ServingSelection
    private let naming: Naming

    /// - Parameters:
    ///   - project: as the management interface shows it.
    ///   - selection: what the request asks for.
    public init(_ project: ServedProject, _ selection: ServingSelection) {
        let parts = ServedParts(project, selection)
        let naming = Naming(project)
        let surroundings = ServedExperience.Surroundings(parts: parts, naming: naming, isUsedUp: project.isUsedUp)
        self.project = project
        self.selection = selection
        self.naming = naming
        goals = parts.goals
        locations = parts.locations.map { ServedLocation($0, naming) }
        audiences = parts.audiences.map { ServedAudience($0, naming) }
        segments = parts.segments.map { ServedAudience($0, naming) }
        experiences = parts.experiences.map { ServedExperience($0, surroundings) }
        features = naming.isFullstack ? parts.features.map { ServedFeature($0, naming) } : []
    }

    /// The document (contract document `convert-serving.yaml`, schema `ConfigResponseData`, operations
    /// `getProjectConfigBySdkKey` and `getProjectConfig`).
    ///
    /// Lists that the SDKs read without asking whether they are there are always there, be they empty.
    public var document: JSONValue {
        var document = JSONObject([
            ("account_id", .string(String(project.accountID))),
            ("project", ProjectConfig.make(project.project, environment: selection.environment, naming)),
            ("goals", .array(goals.map { GoalConfig.make($0, naming) })),
            ("locations", .array(locations.map(\.json))),
            ("audiences", .array(audiences.map(\.json))),
            ("segments", .array(segments.map(\.json))),
            ("experiences", .array(experiences.map(\.json))),
            (
                "archived_experiences",
                .array(Set(project.archivedExperienceIDs).sorted().map { .string(String($0)) })
            ),
        ])
        if naming.isFullstack { document["features"] = .array(features.map(\.json)) }
        document["is_debug"] = .bool(selection.isDebug)
        return .object(document)
    }
}
