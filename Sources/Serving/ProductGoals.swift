import EventStore
import JSON
import ServingDocument
import Targeting
import Text

/// Which goals of a project its product events reach: by the event's name, which is the goal's key, or by the goal's
/// triggering rule. Only goals of experiences that run, as no others can count.
struct ProductGoals: Sendable {
    /// By the key's UTF-8.
    private var byKey: [[UInt8]: Int64] = [:]
    private var rules: [(goalID: Int64, tree: RuleTree)] = []

    /// The rules of the other types say on which pages a click or a form counts, not that there was one.
    private static let typesWithRules: Set<String> = ["advanced", "visits_page", "revenue"]
    /// Rules of a project that are judged for each event, those of the oldest goals.
    static let maximumRules = 100
    /// Bytes of properties that rules look at; larger ones match none.
    static let maximumPropertyBytes = 16_384
    /// The name by which rules ask for the event's name; other names are those of properties.
    static let eventName: ClientText = "event_name"

    init(_ goals: [JSONValue], used: Set<Int64>) {
        for goal in goals.sorted(by: { ($0["id"]?.int64 ?? 0) < ($1["id"]?.int64 ?? 0) }) {
            guard let id = goal["id"]?.int64, used.contains(id), goal["status"] != "archived" else { continue }
            if let key = goal["key"]?.string, !key.isEmpty { byKey[Array(key.utf8)] = id }
            if let type = goal["type"]?.string, Self.typesWithRules.contains(type), let rule = goal["triggering_rule"],
                rule.object?.isEmpty == false, rules.count < Self.maximumRules
            {
                rules.append((id, RuleTree(rule)))
            }
        }
    }

    var isEmpty: Bool { byKey.isEmpty && rules.isEmpty }

    /// The goals that a track event reaches, each once.
    /// - Parameter properties: the event's; asked for only where a rule has to be judged.
    func reached(by event: EventView, _ properties: () -> JSONObject) -> [Int64] {
        let named = event.withUTF8(of: .eventName) { bytes in bytes.flatMap { byKey[Array($0)] } }
        let others = rules.filter { $0.goalID != named }
        let size = event.withUTF8(of: .properties) { $0?.count ?? 0 }
        guard !others.isEmpty, size <= Self.maximumPropertyBytes else { return named.map { [$0] } ?? [] }
        var facts = VisitorFacts()
        for (name, value) in properties().members { facts.attributes[ClientText(name)] = value }
        facts.attributes[Self.eventName] = .string(event[.eventName] ?? "")
        return (named.map { [$0] } ?? []) + others.filter { $0.tree.matches(facts) }.map(\.goalID)
    }
}
