import JSON

/// The ids of what is used by what is served.
struct References: Hashable {
    private(set) var goals: Set<Int64> = []
    private(set) var locations: Set<Int64> = []
    /// Audiences of all types.
    private(set) var audiences: Set<Int64> = []
    private(set) var features: Set<Int64> = []

    /// What experiences use.
    init(of experiences: [JSONValue]) {
        for experience in experiences {
            goals.formUnion(experience.resourceIDs("goals"))
            locations.formUnion(experience.resourceIDs("locations"))
            audiences.formUnion(experience.resourceIDs("audiences"))
            for variation in experience["variations"]?.array ?? [] {
                for change in variation["changes"]?.array ?? [] {
                    if let feature = change["data"]?["feature_id"]?.int64 { features.insert(feature) }
                }
            }
            for member in ["include", "exclude"] { add(experience["site_area"]?[member]?.array ?? []) }
            addRules(experience["site_area"])
        }
    }

    /// Adds what a tree of rules names.
    mutating func addRules(_ tree: JSONValue?) {
        for branch in tree?["OR"]?.array ?? [] {
            for block in branch["AND"]?.array ?? [] { add(block["OR_WHEN"]?.array ?? []) }
        }
    }

    private mutating func add(_ rules: [JSONValue]) {
        for rule in rules {
            guard let value = rule["value"], let id = value.int64 ?? value.string.flatMap({ Int64($0) }) else {
                continue
            }
            switch rule["rule_type"]?.string {
            case "goal_triggered": goals.insert(id)
            case "bucketed_into_segment": audiences.insert(id)
            default: break
            }
        }
    }
}
