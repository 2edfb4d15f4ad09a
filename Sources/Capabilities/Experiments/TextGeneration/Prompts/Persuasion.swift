/// A way to persuade (the contract's `principle_class` and `principle`).
public struct Persuasion: Sendable, Equatable {
    private let school: School
    /// One of the school's principles; nil for all of them.
    private let principle: Principle?

    /// Nil for a class that is none, such as `none`. A principle of another class counts as none.
    public init?(class name: String?, principle: String?) {
        guard let school = name.flatMap(School.init) else { return nil }
        self.school = school
        self.principle = principle.flatMap(Principle.init).flatMap { school.principles.contains($0) ? $0 : nil }
    }

    /// What a model is told to do.
    var guidance: String {
        let named = principle.map { [$0] } ?? school.principles
        let lines = named.map { "- \($0.name): \($0.meaning)" }
        return "Persuade by \(school.title), by \(principle == nil ? "what fits best of" : "this part of it"):\n"
            + lines.joined(separator: "\n")
    }

    enum School: String, CaseIterable {
        case cialdini
        case fogg = "fogg_behavior"
        case aida
        case pas
        case fab

        var title: String {
            switch self {
            case .cialdini: "Cialdini's principles of influence"
            case .fogg: "Fogg's behavior model"
            case .aida: "AIDA (attention, interest, desire, action)"
            case .pas: "PAS (problem, agitation, solution)"
            case .fab: "FAB (features, advantages, benefits)"
            }
        }

        var principles: [Principle] {
            switch self {
            case .cialdini:
                [.reciprocity, .commitment, .socialProof, .authority, .unity, .scarcity, .sympathy]
            case .fogg: [.motivation, .ability, .triggers]
            case .aida: [.attention, .interest, .desire, .action]
            case .pas: [.problem, .agitation, .solution]
            case .fab: [.features, .advantages, .benefits]
            }
        }
    }

    enum Principle: String, CaseIterable {
        case reciprocity
        case commitment = "commitment_and_consistency"
        case socialProof = "social_proof"
        case authority
        case unity
        case scarcity
        case sympathy
        case motivation
        case ability
        case triggers
        case attention
        case interest
        case desire
        case action
        case problem
        case agitation
        case solution
        case features
        case advantages
        case benefits

        /// In words.
        var name: String { rawValue.split(separator: "_").joined(separator: " ") }

        var meaning: String {
            switch self {
            case .reciprocity: "show what the reader is given first, so that they like to give something back"
            case .commitment: "tie in with what the reader has already chosen or done, as a small next step"
            case .socialProof: "show that others like the reader do the same"
            case .authority: "show the knowledge and standing behind the offer"
            case .unity: "speak to what the reader and the sender have in common, as of one group"
            case .scarcity: "say what is limited, in time or number, as far as the text or the context states it"
            case .sympathy: "be likeable: warm, personal, close to the reader"
            case .motivation: "raise the wish to do it: pleasure or pain, hope or fear, belonging or rejection"
            case .ability: "make it look as easy as it is: little time, money, effort and thought"
            case .triggers: "say plainly what to do now"
            case .attention: "make the reader stop, in the first words"
            case .interest: "show why it matters to the reader"
            case .desire: "let the reader picture having it"
            case .action: "say plainly what to do next"
            case .problem: "name the reader's problem in their words"
            case .agitation: "show what the problem costs when it stays"
            case .solution: "show how the offer ends the problem"
            case .features: "say what it has, exactly"
            case .advantages: "say what that does better than other ways"
            case .benefits: "say what the reader gains by it"
            }
        }
    }
}
