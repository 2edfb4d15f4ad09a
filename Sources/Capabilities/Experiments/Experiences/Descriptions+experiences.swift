import JSON
import ProjectDocuments
public import Resources

extension ResourceDescription {
    /// The description of each kind that a project holds.
    public static let all: Kinds = Dictionary(
        uniqueKeysWithValues: (plain + [experiences]).map { ($0.kind, $0) })

    public static let experiences: ResourceDescription = {
        var experiences = ResourceDescription(.experience)
        experiences.hasKey = true
        experiences.initialStatus = ExperienceStatus.draft.rawValue
        experiences.defaults = [
            ("description", ""), ("traffic_distribution", 100), ("global_js", ""), ("global_css", ""),
            ("settings", ["matching_options": ["audiences": "any", "locations": "any"]]), ("start_time", .null),
            ("end_time", .null), ("objective", .null), ("integrations", []), ("customizations", []),
        ]
        experiences.members = [
            "description", "start_time", "end_time", "global_js", "global_css", "primary_goal", "objective", "settings",
            "site_area", "traffic_distribution", "type", "url", "integrations", "environment", "multipage_pages",
            "customizations", "version",
        ]
        experiences.hidden = ["started", "concluded", "sections", "environments"]
        experiences.showsProject = true
        experiences.sorts = [
            "id": .id, "name": .name, "key": .key, "status": .status, "start_time": .number("start_time"),
            "end_time": .number("end_time"), "primary_goal": .number("primary_goal"),
            "environment": .text("environment"), "project_id": .project,
            "conversions": .result(.conversions), "improvement": .result(.improvement),
        ]
        experiences.filters = [
            .oneOf("status", .status), .oneOf("type", .text("type")), .references("tags"), .references("audiences"),
            .references("goals"), .references("locations"), .references(ExperienceParts.featuresField),
            .namedBy("hypotheses", field: "experiences"), .oneOf("environments", .text("environment")),
        ]
        experiences.references = [
            Reference(field: "goals", target: .goal, isOptional: true),
            Reference(field: "audiences", target: .audience, isOptional: true),
            Reference(field: "locations", target: .location, isOptional: true),
            Reference(field: "tags", target: .tag, creates: true),
        ]
        experiences.partNames = [
            "variations", "variations.changes", "alerts", "collaborators", "stats", "min_running_timestamp",
            "max_running_timestamp",
        ]
        experiences.rules = [
            ExperienceRules.type, ExperienceRules.version, ExperienceRules.url, ExperienceRules.settings,
            ExperienceRules.runningTimes,
            ExperienceRules.pages, ExperienceRules.status,
        ]
        experiences.parts = ExperienceParts()
        return experiences
    }()
}
