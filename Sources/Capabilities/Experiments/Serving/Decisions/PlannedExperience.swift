import Bucketing
import JSON
import Targeting
import Text

/// An experience of a config document, ready to be decided on (contract schema `ConfigExperience`).
struct PlannedExperience: Sendable {
    let id: String
    let key: ClientText
    let name: String
    let targeting: ExperienceTargeting
    let arms: BucketingPlan
    let variations: [String: Variation]

    struct Variation: Sendable {
        let id: String
        let key: String
        let name: String
        let isRunning: Bool
        /// What it sets of features, by the feature's id.
        let features: [String: JSONObject]
    }

    /// The rules that experiences name by id.
    struct Rules {
        let audiences: [String: Audience]
        let locations: [String: RuleTree]

        init(_ document: JSONValue) {
            var experienceIDs: [ClientText: String] = [:]
            for experience in document["experiences"]?.array ?? [] {
                guard let key = experience["key"]?.string, let id = experience["id"]?.string else { continue }
                experienceIDs[ClientText(key)] = id
            }
            var audiences: [String: Audience] = [:]
            for (list, isSegment) in [("audiences", false), ("segments", true)] {
                for audience in document[list]?.array ?? [] {
                    guard let id = audience["id"]?.string else { continue }
                    let type = audience["type"]?.string.flatMap(AudienceType.init) ?? .transient
                    audiences[id] = Audience(
                        id: id, type: isSegment ? .segmentation : type, rules: audience["rules"]
                    ) { experienceIDs[ClientText($0)] }
                }
            }
            self.audiences = audiences
            var locations: [String: RuleTree] = [:]
            for location in document["locations"]?.array ?? [] {
                guard let id = location["id"]?.string else { continue }
                locations[id] = RuleTree(location["rules"] ?? .null)
            }
            self.locations = locations
        }
    }

    init?(_ experience: JSONValue, _ rules: Rules) {
        guard let id = experience["id"]?.string, let key = experience["key"]?.string else { return nil }
        self.id = id
        self.key = ClientText(key)
        name = experience["name"]?.string ?? ""
        let options = experience["settings"]?["matching_options"]
        func matching(_ list: String) -> ListMatching { options?[list]?.string.flatMap(ListMatching.init) ?? .any }
        func named(_ list: String) -> [String] { experience[list]?.array?.compactMap(\.string) ?? [] }
        let locations = named("locations")
        var location = LocationRestriction.none
        if !locations.isEmpty {
            location = .locations(locations.compactMap { rules.locations[$0] }, matching("locations"))
        } else if let area = experience["site_area"], let tree = SiteArea.rules(from: area) {
            location = .siteArea(RuleTree(tree))
        }
        targeting = ExperienceTargeting(
            audiences: named("audiences").compactMap { rules.audiences[$0] }, audienceMatching: matching("audiences"),
            location: location)
        let variations = experience["variations"]?.array ?? []
        arms = BucketingPlan(
            arms: variations.map { variation in
                BucketingArm(
                    id: variation["id"]?.string ?? "", allocationPercent: variation["traffic_allocation"]?.double,
                    isRunning: BucketingArm.isRunning(status: variation["status"]?.string))
            }, layout: BucketingLayout(experienceVersion: experience["version"]?.double))
        self.variations = Dictionary(variations.compactMap(Variation.init).map { ($0.id, $0) }) { first, _ in first }
    }
}

extension PlannedExperience.Variation {
    fileprivate init?(_ variation: JSONValue) {
        guard let id = variation["id"]?.string else { return nil }
        self.id = id
        key = variation["key"]?.string ?? ""
        name = variation["name"]?.string ?? ""
        isRunning = BucketingArm.isRunning(status: variation["status"]?.string)
        var features: [String: JSONObject] = [:]
        for change in variation["changes"]?.array ?? [] where change["type"]?.string == "fullStackFeature" {
            guard let feature = change["data"]?["feature_id"]?.int64 else { continue }
            features[String(feature)] = change["data"]?["variables_data"]?.object ?? JSONObject()
        }
        self.features = features
    }
}
