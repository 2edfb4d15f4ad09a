import JSON
import Text

/// What the fields of a form make together. JSON in a field stays as it was written, its numbers with it.
enum FormValue {
    case absent
    /// JSON.
    case written(String)
    case list([FormValue])
    case object([(name: String, value: FormValue)])

    /// Puts a field's text where its name says; the last of several of one name stays.
    /// - Parameter isRoot: whether this is the whole form, which is an object even where a field has no name.
    mutating func set(_ text: String, at steps: ArraySlice<String>, isRoot: Bool = false) {
        guard let step = steps.first else {
            self = .written(Self.json(of: text))
            return
        }
        guard isRoot || !step.isEmpty else {
            var elements: [FormValue] = if case .list(let known) = self { known } else { [] }
            var element = FormValue.absent
            element.set(text, at: steps.dropFirst())
            elements.append(element)
            self = .list(elements)
            return
        }
        var members: [(name: String, value: FormValue)] = if case .object(let known) = self { known } else { [] }
        if let index = members.firstIndex(where: { $0.name.hasSameBytes(as: step) }) {
            members[index].value.set(text, at: steps.dropFirst())
        } else {
            var member = FormValue.absent
            member.set(text, at: steps.dropFirst())
            members.append((step, member))
        }
        self = .object(members)
    }

    var json: String {
        switch self {
        case .absent: "null"
        case .written(let text): text
        case .list(let elements): "[\(elements.map(\.json).joined(separator: ","))]"
        case .object(let members):
            "{\(members.map { "\(Self.quoted($0.name)):\($0.value.json)" }.joined(separator: ","))}"
        }
    }

    /// Whether a text begins as an object or a list in JSON does.
    static func isStructure(_ text: String) -> Bool { text.hasBytePrefix("{") || text.hasBytePrefix("[") }

    private static func json(of text: String) -> String {
        isStructure(text) && (try? JSONDocument(parsing: Array(text.utf8))) != nil ? text : quoted(text)
    }

    private static func quoted(_ text: String) -> String { JSONValue.string(text).encodedString }
}
