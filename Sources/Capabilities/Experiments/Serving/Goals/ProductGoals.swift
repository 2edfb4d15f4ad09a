import EventStore
import JSON
import ProjectDocuments
import Targeting
import Text

/// Which goals of a project its product events reach: by the event's name, which is the goal's key, or by the goal's
/// triggering rule. Only goals of experiences that run, as no others can count.
struct ProductGoals: Sendable {
    /// By the key's UTF-8.
    private var byKey: [[UInt8]: Int64] = [:]
    private var rules: [(goalID: Int64, tree: RuleTree)] = []

    /// The rules of the other types say on which pages a click or a form counts, not that there was one.
    private static let typesWithRules: Set<GoalType> = [.advanced, .visitsPage, .revenue]
    /// Goals of a project whose rules are judged for each event, those of the oldest goals.
    static let maximumRules = 100
    /// Bytes of properties that rules look at; larger ones match none.
    static let maximumPropertyBytes = 16_384
    /// The name by which rules ask for the event's name; other names are those of properties.
    static let eventName: ClientText = "event_name"

    init(_ goals: [GoalDocument], used: Set<Int64>) {
        for goal in goals.sorted(by: { ($0.id ?? 0) < ($1.id ?? 0) }) {
            guard let id = goal.id, used.contains(id), !goal.isArchived else { continue }
            if let key = goal.key { byKey[Array(key.utf8)] = id }
            if let type = goal.type, Self.typesWithRules.contains(type), let rule = goal.triggeringRule,
                rule.object?.isEmpty == false, rules.count < Self.maximumRules
            {
                rules.append((id, RuleTree(rule)))
            }
        }
    }

    var isEmpty: Bool { byKey.isEmpty && rules.isEmpty }

    /// The goals that a track event reaches, each once.
    struct Reached {
        var goalIDs: [Int64]
        /// Whether some rules have no answer: they are more than is evaluated, or took more work than was allowed.
        var isExceeded = false
    }

    /// Steps that the rules of all goals may take for an event, about two milliseconds.
    static let maximumSteps = 2_000_000

    /// The goals that a track event reaches.
    /// - Parameter properties: the event's; asked for only where a rule has to be judged.
    func reached(by event: EventView, _ properties: () -> JSONObject) -> Reached {
        let named = event.withUTF8(of: .eventName) { bytes in bytes.flatMap { byKey[Array($0)] } }
        let others = rules.filter { $0.goalID != named }
        let size = event.withUTF8(of: .properties) { $0?.count ?? 0 }
        guard !others.isEmpty, size <= Self.maximumPropertyBytes else {
            return Reached(goalIDs: named.map { [$0] } ?? [])
        }
        var facts = VisitorFacts()
        for (name, value) in properties().members { facts.attributes[ClientText(name)] = value }
        facts.attributes[Self.eventName] = .string(event[.eventName] ?? "")
        let evaluation = RuleEvaluation(maximumSteps: Self.maximumSteps)
        var reached = Reached(goalIDs: named.map { [$0] } ?? [])
        for (goalID, tree) in others where !evaluation.isExceeded {
            switch evaluation.answer({ tree.matches(facts, in: .visitor, $0) }) {
            case nil: reached.isExceeded = true
            case true?: reached.goalIDs.append(goalID)
            case false?: break
            }
        }
        return reached
    }
}
