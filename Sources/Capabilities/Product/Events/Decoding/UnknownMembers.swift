import JSON
import Text

/// Members of the events of one call that nothing reads: each such event is counted, and what it has is told as far as there is
/// room in an answer.
struct UnknownMembers {
    private let form: any EventForm
    /// Names are often the same in all events of a call, and looking for one that is like it takes long.
    private var suggestions: [ClientText: String?] = [:]
    private var told = 0

    /// Events that have some.
    private(set) var eventCount = 0
    /// The last of them, for whoever looks at the counts.
    private(set) var last: UnknownName?

    /// Different names for which one that is like it is looked for.
    private static let maximumSuggestions = 1_000
    /// Names that are told in all.
    private static let maximumTold = 1_000

    init(_ form: any EventForm) {
        self.form = form
    }

    /// Counts an event if it has some.
    /// - Returns: those that are to be told.
    mutating func look(at event: JSONNode) -> [UnknownName] {
        let members = form.unknownMembers(of: event)
        guard !members.isEmpty else { return [] }
        eventCount += 1
        let names = members.prefix(max(1, min(UnknownName.maximumCount, Self.maximumTold - told))).map {
            name(of: $0, in: event)
        }
        last = names.last
        guard told < Self.maximumTold else { return [] }
        told += names.count
        return names
    }

    private mutating func name(of member: JSONNode, in event: JSONNode) -> UnknownName {
        let name = ClientText(member.key ?? "")
        var suggestion: String?
        if let known = suggestions[name] {
            suggestion = known
        } else if suggestions.count < Self.maximumSuggestions {
            suggestion = form.suggestion(for: name.string)
            suggestions[name] = .some(suggestion)
        }
        // What the event has already is not meant.
        if let known = suggestion, let value = event[known], !value.isNull { suggestion = nil }
        return UnknownName(path: name.string, suggestion: suggestion)
    }
}
