public import JSON
public import ProjectDocuments

/// An experience as it is served (contract schema `ConfigExperience`).
public struct ServedExperience: Sendable {
    public let id: String
    public let key: String
    public let name: JSONValue
    /// The ids of its audiences and segments. Segments stand among the audiences: SDKs look each id up in both lists.
    public let audiences: [String]
    /// The ids of the locations where it runs; none where ``siteArea`` says it, or where it runs everywhere.
    public let locations: [String]
    /// The older rules for pages; nil where there are none, or locations.
    public let siteArea: JSONValue?
    /// How visitors are spread over its variations.
    public let version: JSONValue
    /// By ascending id.
    public let variations: [ServedVariation]
    private let goals: [String]
    private let pages: [JSONValue]
    private let document: ExperienceDocument

    /// The way in which an experience is bucketed that does not say otherwise: variations side by side, from 0 on.
    private static let standardVersion: JSONValue = 11

    /// What experiences may name, and what that is called.
    struct Surroundings {
        let naming: Naming
        private let goals: Set<Int64>
        private let audiences: Set<Int64>
        private let locations: Set<Int64>
        let changes: ChangeConfig
        /// Whether tests take nobody new.
        let isUsedUp: Bool

        init(parts: ServedParts, naming: Naming, isUsedUp: Bool) {
            self.naming = naming
            self.isUsedUp = isUsedUp
            goals = Set(parts.goals.compactMap(\.id))
            audiences = Set((parts.audiences + parts.segments).compactMap(\.id))
            locations = Set(parts.locations.compactMap(\.id))
            changes = ChangeConfig(features: parts.features)
        }

        func goals(of experience: ExperienceDocument) -> [String] { Self.texts(experience.goals, goals) }
        func audiences(of experience: ExperienceDocument) -> [String] { Self.texts(experience.audiences, audiences) }
        func locations(of experience: ExperienceDocument) -> [String] { Self.texts(experience.locations, locations) }

        private static func texts(_ ids: [Int64], _ served: Set<Int64>) -> [String] {
            Set(ids).intersection(served).sorted().map { String($0) }
        }
    }

    init(_ experience: ExperienceDocument, _ surroundings: Surroundings) {
        document = experience
        let naming = surroundings.naming
        id = experience.idText
        key = naming.key(of: experience)
        name = naming.name(of: experience)
        goals = surroundings.goals(of: experience)
        audiences = surroundings.audiences(of: experience)
        locations = surroundings.locations(of: experience)
        // Either of the two, never both; no locations means no restriction.
        siteArea = locations.isEmpty ? RuleConfig.siteArea(experience.siteArea) : Optional.none
        version = experience.version ?? Self.standardVersion
        let documents = experience.variations.byID
        // SDKs look for what they remember of a visitor before they look at shares.
        let takesNew = !surroundings.isUsedUp || !(experience.type?.hasBaseline ?? true)
        let allocations = takesNew ? TrafficAllocation.all(of: experience, documents) : [:]
        variations = documents.map { variation in
            ServedVariation(
                variation, allocation: variation.id.flatMap { allocations[$0] } ?? 0, naming, surroundings.changes)
        }
        pages = experience.pages.map { page in
            var served = page.picking(["id", "name", "url"])
            served["name"] = naming.name(ofPage: page)
            return .object(served)
        }
    }

    /// Whether a visitor must match all of a list, and not only one.
    public func matchesAll(_ list: ExperienceSettings.MatchedList) -> Bool { document.settings.matchesAll(list) }

    var json: JSONValue {
        var served = JSONObject([("id", .string(id)), ("name", name), ("key", .string(key))])
        if let siteArea {
            served["site_area"] = siteArea
        } else {
            served["locations"] = Self.list(locations)
        }
        served["audiences"] = Self.list(audiences)
        served["goals"] = Self.list(goals)
        if !pages.isEmpty { served["multipage_pages"] = .array(pages) }
        served = served.joined(with: document.picking(["status"]))
        if let code = document.globalJS { served["global_js"] = .string(code) }
        if let code = document.globalCSS { served["global_css"] = .string(code) }
        served = served.joined(with: document.picking(["type"]))
        served["version"] = version
        served["variations"] = .array(variations.map(\.json))
        let integrations = document.integrations
        if !integrations.isEmpty {
            served["integrations"] = .array(integrations.map { .object(IntegrationConfig.ofExperience($0)) })
        }
        served = served.joined(with: document.picking(["environment"]))
        served["settings"] = settings
        return .object(served)
    }

    private static func list(_ ids: [String]) -> JSONValue { .array(ids.map { .string($0) }) }

    /// `matching_options` is always there: SDKs read it without asking.
    private var settings: JSONValue {
        let settings = document.settings
        var served = settings.picking(["min_order_value", "max_order_value", "outliers"])
        if let regex = settings.splitRegexSupport {
            served["split_url_settings"] = ["split_regex_support": .bool(regex)]
        }
        served["matching_options"] = .object(
            JSONObject(
                ExperienceSettings.MatchedList.allCases.map { list in
                    (list.rawValue, settings.matchesAll(list) ? "all" : "any")
                }))
        return .object(served)
    }
}

/// A variation as it is served (contract schema `ExperienceVariationConfig`).
public struct ServedVariation: Sendable {
    public let id: String
    public let key: String
    public let name: JSONValue
    /// Percent of all visitors.
    public let allocation: JSONValue
    /// Whether it takes visitors.
    public let isRunning: Bool
    private let document: VariationDocument
    private let changes: ChangeConfig

    init(_ variation: VariationDocument, allocation: JSONValue, _ naming: Naming, _ changes: ChangeConfig) {
        id = variation.idText
        key = naming.key(of: variation)
        name = naming.name(of: variation)
        self.allocation = allocation
        isRunning = variation.isRunning
        document = variation
        self.changes = changes
    }

    /// What it sets of features, by the feature's id; of one that it sets twice the last counts.
    public var features: [String: JSONObject] {
        var features: [String: JSONObject] = [:]
        for change in document.changes {
            if let feature = changes.feature(change) { features[String(feature.id)] = feature.values }
        }
        return features
    }

    var json: JSONValue {
        [
            "id": .string(id), "name": name, "key": .string(key), "traffic_allocation": allocation,
            "status": isRunning ? "running" : "stopped",
            "changes": .array(document.changes.compactMap(changes.make)),
        ]
    }
}
