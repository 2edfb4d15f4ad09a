import JSON
import ProjectDocuments

/// The ids of what is used by what is served.
struct References: Hashable {
    private(set) var goals: Set<Int64> = []
    private(set) var locations: Set<Int64> = []
    /// Audiences of all types.
    private(set) var audiences: Set<Int64> = []
    private(set) var features: Set<Int64> = []

    /// What experiences use.
    init(of experiences: [ExperienceDocument]) {
        for experience in experiences {
            goals.formUnion(experience.goals)
            locations.formUnion(experience.locations)
            audiences.formUnion(experience.audiences)
            for variation in experience.variations {
                features.formUnion(variation.changes.compactMap { $0.data?.featureID })
            }
            let area = SiteAreaDocument(experience.siteArea)
            add(area.include + area.exclude)
            addRules(experience.siteArea)
        }
    }

    /// Adds what a tree of rules names.
    mutating func addRules(_ tree: JSONValue?) { add(RuleDocument.rules(tree)) }

    private mutating func add(_ rules: [RuleElement]) {
        for rule in rules {
            guard let id = rule.valueID else { continue }
            switch rule.ruleType {
            case "goal_triggered": goals.insert(id)
            case "bucketed_into_segment": audiences.insert(id)
            default: break
            }
        }
    }
}
