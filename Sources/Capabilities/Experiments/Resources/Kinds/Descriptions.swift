import JSON

extension ResourceDescription {
    /// The kinds that are all in their document and its references.
    package static let plain = [
        tags, goals, audiences, locations, features, hypotheses, knowledgeBases, observations, domains,
    ]

    public static let tags: ResourceDescription = {
        var tags = ResourceDescription(.tag)
        tags.initialStatus = nil
        tags.members = ["description"]
        tags.searched = [.name]
        return tags
    }()

    public static let goals: ResourceDescription = {
        var goals = ResourceDescription(.goal)
        goals.hasKey = true
        goals.defaults = [("selected_default", false), ("is_system", false)]
        goals.members = ["type", "description", "triggering_rule", "selected_default", "settings"]
        goals.maximumIDsWithStatistics = 50
        goals.sorts = [
            "id": .id, "name": .name, "key": .key, "status": .status, "type": .text("type"), "times_used": .usage,
            "goal_tracking_status": .conversions,
        ]
        goals.filters = [
            .oneOf("status", .status), .oneOf("goal_type", .text("type")),
            .flag("is_default", document: "selected_default"), .usage, .tracking, .experiences,
        ]
        goals.optionalMembers = [
            OptionalMember(name: "triggering_rule", content: .document),
            OptionalMember(
                name: "stats",
                content: .statistics([("conversions_last_48h", .conversions), ("times_used", .usage)])),
        ]
        return goals
    }()

    public static let audiences: ResourceDescription = {
        var audiences = ResourceDescription(.audience)
        audiences.defaults = [("selected_default", false), ("preset", false)]
        audiences.members = ["type", "description", "selected_default", "rules"]
        audiences.sorts = [
            "id": .id, "name": .name, "key": .key, "status": .status, "type": .text("type"), "usage": .usage,
        ]
        audiences.filters = [
            .oneOf("status", .status), .oneOf("type", .text("type")), .flag("is_default", document: "selected_default"),
            .usage, .experiences,
        ]
        audiences.optionalMembers = [OptionalMember(name: "rules", content: .document), .experiencesUsage]
        return audiences
    }()

    public static let locations: ResourceDescription = {
        var locations = ResourceDescription(.location)
        locations.defaults = [("selected_default", false), ("preset", false), ("trigger", ["type": "upon_run"])]
        locations.members = ["description", "selected_default", "rules", "trigger"]
        locations.sorts = ["id": .id, "name": .name, "key": .key, "status": .status, "usage": .usage]
        locations.filters = [
            .oneOf("status", .status), .flag("is_default", document: "selected_default"), .usage,
        ]
        locations.optionalMembers = [
            OptionalMember(name: "rules", content: .document), OptionalMember(name: "trigger", content: .document),
            .experiencesUsage,
        ]
        return locations
    }()

    public static let features: ResourceDescription = {
        var features = ResourceDescription(.feature)
        features.hasKey = true
        features.members = ["description", "variables"]
        features.searched = [.id, .name, .key, .document("description")]
        features.sorts = ["id": .id, "name": .name, "key": .key, "status": .status]
        features.optionalMembers = [
            OptionalMember(name: "stats", content: .statistics([("times_used", .activeUsage)]))
        ]
        features.rules = [Rules.featuresAreForFullstack, Rules.featureVariables]
        return features
    }()

    public static let hypotheses: ResourceDescription = {
        var hypotheses = ResourceDescription(.hypothesis)
        hypotheses.initialStatus = "draft"
        hypotheses.members = [
            "url", "objective", "start_date", "end_date", "summary", "description", "files",
            "prioritization_score_type", "prioritization_score_attributes",
        ]
        hypotheses.showsOrigin = true
        hypotheses.sorts = [
            "id": .id, "name": .name, "status": .status, "score": .number("prioritization_score"),
            "start_date": .text("start_date"),
        ]
        hypotheses.filters = [
            .oneOf("status", .status), .references("experiences"), .references("tags"),
            .range(minimum: "scoreMin", maximum: "scoreMax", document: "prioritization_score"),
        ]
        hypotheses.references = [
            Reference(field: "experiences", target: .experience), Reference(field: "tags", target: .tag, creates: true),
        ]
        hypotheses.rules = [Rules.prioritizationScore, Rules.datesAreInOrder]
        return hypotheses
    }()

    public static let knowledgeBases: ResourceDescription = {
        var knowledgeBases = ResourceDescription(.knowledgeBase)
        knowledgeBases.members = hypotheses.members
        knowledgeBases.showsOrigin = true
        knowledgeBases.searched = [.name]
        knowledgeBases.sorts = ["name": .name, "updated_at": .updatedAt, "status": .status]
        knowledgeBases.defaultSort = "name"
        knowledgeBases.filters = [.oneOf("status", .status), .references("tags")]
        knowledgeBases.references = hypotheses.references
        knowledgeBases.rules = [Rules.datesAreInOrder]
        return knowledgeBases
    }()

    public static let observations: ResourceDescription = {
        var observations = ResourceDescription(.observation)
        observations.members = ["description", "url", "images", "files"]
        observations.showsOrigin = true
        observations.sorts = [
            "name": .name, "created_by": .createdBy, "date_added": .createdAt, "status": .status,
        ]
        observations.defaultSort = "name"
        observations.filters = [.oneOf("status", .status), .references("tags")]
        observations.references = [Reference(field: "tags", target: .tag, creates: true)]
        return observations
    }()

    public static let domains: ResourceDescription = {
        var domains = ResourceDescription(.domain)
        domains.nameField = "url"
        domains.hasUniqueNames = true
        domains.initialStatus = nil
        domains.searched = [.name]
        domains.defaults = [("code_installed", false)]
        domains.rules = [Rules.domainAddress]
        return domains
    }()
}

extension ResourceDescription.OptionalMember {
    fileprivate static let experiencesUsage = Self(
        name: "stats.experiences_usage", content: .statistics([("experiences_usage", .activeUsage)]))
}
