import Bucketing
import JSON
import ProjectDocuments
import ServingDocument
import Targeting
import Text

/// An experience of a config, ready to be decided on.
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

        init(_ config: ServedConfig) {
            var experienceIDs: [ClientText: String] = [:]
            for experience in config.experiences { experienceIDs[ClientText(experience.key)] = experience.id }
            func compiled(_ audience: ServedAudience, _ type: AudienceType) -> (String, Audience) {
                let audience = Audience(id: audience.id, type: type, rules: audience.rules) {
                    experienceIDs[ClientText($0)]
                }
                return (audience.id, audience)
            }
            audiences = Dictionary(
                config.audiences.map { compiled($0, $0.typeName.flatMap(AudienceType.init) ?? .transient) }
                    + config.segments.map { compiled($0, .segmentation) }
            ) { $1 }
            locations = Dictionary(config.locations.map { ($0.id, RuleTree($0.rules)) }) { $1 }
        }
    }

    init(_ experience: ServedExperience, _ rules: Rules) {
        id = experience.id
        key = ClientText(experience.key)
        name = experience.name.string ?? ""
        var location = LocationRestriction.none
        if !experience.locations.isEmpty {
            location = .locations(
                experience.locations.compactMap { rules.locations[$0] },
                experience.matchesAll(.locations) ? .all : .any)
        } else if let tree = experience.siteArea {
            location = .siteArea(RuleTree(tree))
        }
        targeting = ExperienceTargeting(
            audiences: experience.audiences.compactMap { rules.audiences[$0] },
            audienceMatching: experience.matchesAll(.audiences) ? .all : .any, location: location)
        arms = BucketingPlan(
            arms: experience.variations.map { variation in
                BucketingArm(
                    id: variation.id, allocationPercent: variation.allocation.double, isRunning: variation.isRunning)
            }, layout: BucketingLayout(experienceVersion: experience.version.double))
        variations = Dictionary(experience.variations.map { ($0.id, Variation($0)) }) { first, _ in first }
    }
}

extension PlannedExperience.Variation {
    fileprivate init(_ variation: ServedVariation) {
        id = variation.id
        key = variation.key
        name = variation.name.string ?? ""
        isRunning = variation.isRunning
        features = variation.features
    }
}
