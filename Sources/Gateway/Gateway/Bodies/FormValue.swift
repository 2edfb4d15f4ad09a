import JSON
import Text

/// What the fields of a form make together. JSON in a field stays as it was written, its numbers with it.
enum FormValue {
    case absent
    /// JSON.
    case written(String)
    case list([FormValue])
    case object(Members)

    /// In the order in which they came first.
    struct Members {
        private(set) var list: [(name: String, value: FormValue)] = []
        private var places: [ClientText: Int] = [:]

        /// Changes a member's value, which is absent where there is none yet.
        mutating func change(_ name: String, _ body: (inout FormValue) -> Void) {
            let place = places[ClientText(name)] ?? list.count
            if place == list.count {
                places[ClientText(name)] = place
                list.append((name, .absent))
            }
            body(&list[place].value)
        }
    }

    /// Puts a field's text where its name says; the last of several of one name stays.
    /// - Parameter isRoot: whether this is the whole form, which is an object even where a field has no name.
    mutating func set(_ text: String, at steps: ArraySlice<String>, isRoot: Bool = false) {
        guard let step = steps.first else {
            self = .written(Self.json(of: text))
            return
        }
        guard isRoot || !step.isEmpty else {
            var elements: [FormValue] = if case .list(let known) = self { known } else { [] }
            // Otherwise there would be two of them, and one would be copied.
            self = .absent
            var element = FormValue.absent
            element.set(text, at: steps.dropFirst())
            elements.append(element)
            self = .list(elements)
            return
        }
        var members: Members = if case .object(let known) = self { known } else { Members() }
        self = .absent
        members.change(step) { $0.set(text, at: steps.dropFirst()) }
        self = .object(members)
    }

    var json: String {
        switch self {
        case .absent: "null"
        case .written(let text): text
        case .list(let elements): "[\(elements.map(\.json).joined(separator: ","))]"
        case .object(let members):
            "{\(members.list.map { "\(Self.quoted($0.name)):\($0.value.json)" }.joined(separator: ","))}"
        }
    }

    /// Whether a text begins as an object or a list in JSON does.
    static func isStructure(_ text: String) -> Bool { text.hasBytePrefix("{") || text.hasBytePrefix("[") }

    private static func json(of text: String) -> String {
        isStructure(text) && (try? JSONDocument(parsing: Array(text.utf8))) != nil ? text : quoted(text)
    }

    private static func quoted(_ text: String) -> String { JSONValue.string(text).encodedString }
}
