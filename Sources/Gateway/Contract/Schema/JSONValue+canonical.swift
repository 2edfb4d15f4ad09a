import JSON

extension JSONValue {
    /// The same value with each number in one form, so that 1 and 1.0 are equal, as JSON Schema has it.
    var canonical: JSONValue {
        switch self {
        case .double: int64.map(JSONValue.integer) ?? self
        case .number(let text): int64.map(JSONValue.integer) ?? Double(text).map(JSONValue.double) ?? self
        case .array(let elements): .array(elements.map(\.canonical))
        case .object(let object): .object(JSONObject(object.members.map { ($0.key, $0.value.canonical) }))
        default: self
        }
    }
}
