import Bucketing
public import JSON
public import ServingDocument
public import Targeting
public import Text

/// Decides as the SDKs do, from what they decide by.
public struct DecisionPlan: Sendable {
    private let experiences: [PlannedExperience]
    private let features: [PlannedFeature]
    private let bucketing = Bucketing()

    /// - Parameter config: what SDKs get as a document.
    public init(_ config: ServedConfig) {
        let rules = PlannedExperience.Rules(config)
        experiences = config.experiences.map { PlannedExperience($0, rules) }
        features = config.features.map(PlannedFeature.init)
    }

    /// How many experiences are decided on.
    public var count: Int { experiences.count }

    /// The keys of the experiences.
    public var keys: [ClientText] { experiences.map(\.key) }

    /// What a visitor gets in each experience that is open to them, in the order of the experiences.
    /// - Parameters:
    ///   - facts: what is known of the visitor; `buckets` is what they got before.
    ///   - keys: only these experiences; all when nil.
    ///   - evaluation: what the work of rules counts for; once it is used up, the rest is undecided.
    public func decide(
        _ facts: VisitorFacts, only keys: Set<ClientText>?, _ evaluation: RuleEvaluation
    ) -> Decisions {
        guard let visitorID = facts.visitorID else { return Decisions() }
        var facts = facts
        var decisions = Decisions()
        for experience in experiences where keys?.contains(experience.key) ?? true {
            let before = facts.buckets[ClientText(experience.id)].flatMap { experience.variations[$0] }
            // Who was in a variation that was stopped is decided on anew, as tracking counts them.
            let stored = before.flatMap { $0.isRunning ? $0 : nil }
            let isAdmitted = evaluation.answer {
                experience.targeting.admits(facts, isBucketed: stored != nil, $0)
            }
            guard let isAdmitted else {
                decisions.undecided.append(experience)
                continue
            }
            guard isAdmitted else { continue }
            var chosen = stored
            if chosen == nil {
                let value = bucketing.value(visitorID: visitorID, experienceID: experience.id)
                chosen = experience.arms.arm(for: value).flatMap { experience.variations[$0.id] }
            }
            guard let chosen else { continue }
            // Later experiences may exclude who is in this one.
            facts.buckets[ClientText(experience.id)] = chosen.id
            decisions.made.append(Decision(experience: experience, variation: chosen, isNew: stored == nil))
        }
        return decisions
    }

    /// What the visitor's variations make of each feature, in the order of the features.
    public func features(_ decisions: [Decision]) -> [FeatureDecision] {
        features.map { feature in
            let decision = decisions.first { $0.variation.features[feature.id] != nil }
            return FeatureDecision(
                feature: feature, experienceKey: decision?.experience.key.string,
                variables: feature.cast(decision?.variation.features[feature.id] ?? JSONObject()))
        }
    }
}

/// What came of deciding.
public struct Decisions: Sendable {
    /// What the visitor gets, in the order of the experiences.
    public var made: [Decision] = []
    fileprivate(set) var undecided: [PlannedExperience] = []

    /// Keys of experiences whose rules have no answer: they are more than is evaluated, or took, alone or with those before
    /// them, more work than was allowed.
    public var undecidedKeys: [String] { undecided.map { $0.key.string } }
}

/// The variation that a visitor gets in an experience.
public struct Decision: Sendable {
    let experience: PlannedExperience
    let variation: PlannedExperience.Variation
    /// Whether the visitor had none before.
    public let isNew: Bool

    public var experienceID: String { experience.id }
    public var experienceKey: String { experience.key.string }
    public var experienceName: String { experience.name }
    public var variationID: String { variation.id }
    public var variationKey: String { variation.key }
    public var variationName: String { variation.name }
}

/// What a visitor gets of a feature.
public struct FeatureDecision: Sendable {
    let feature: PlannedFeature
    /// The experience that switches it on; nil while none does.
    public let experienceKey: String?
    /// Values of the types that the variables have.
    public let variables: JSONObject

    public var id: String { feature.id }
    public var key: String { feature.key }
    public var name: String { feature.name }
}
