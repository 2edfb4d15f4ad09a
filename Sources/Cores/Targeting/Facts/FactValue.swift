import JSON
import Text

/// What is known about the thing a rule asks for.
enum FactValue {
    /// Known to be absent: only rules about existence can match.
    case missing
    case null
    case flag(Bool)
    case number(Double)
    case text(String)
    case array([JSONValue])
    case object(JSONObject)
    /// Ids of which a rule asks for one.
    case ids(Set<ClientText>)

    /// The value of an attribute.
    init(_ value: JSONValue) {
        self =
            switch value {
            case .null: .null
            case .bool(let flag): .flag(flag)
            case .integer(let number): .number(Double(number))
            case .double, .number: .number(value.double ?? .nan)
            case .string(let text): .text(text)
            case .array(let elements): .array(elements)
            case .object(let members): .object(members)
            }
    }

    /// The value as text, as JavaScript's `String(value)` gives it.
    var text: String {
        switch self {
        case .missing: "undefined"
        case .null: "null"
        case .flag(let flag): flag ? "true" : "false"
        case .number(let number): ScriptText.decimal(number)
        case .text(let text): text
        case .array(let elements): JSONValue.array(elements).scriptText
        case .object: "[object Object]"
        case .ids(let ids): ids.sorted().map(\.string).joined(separator: ",")
        }
    }
}
