extension JSONNode {
    /// The value with all that is within it, as a ``JSONValue``. Copies; for small documents and answers.
    public var value: JSONValue {
        switch kind {
        case .null: return .null
        case .boolean: return .bool(bool ?? false)
        case .integer: return .integer(int64 ?? 0)
        case .unsigned: return .number(rawText)
        case .double:
            let value = double ?? 0
            let text = rawText
            return DecimalNumber(text) == DecimalNumber(value.description) ? .double(value) : .number(text)
        case .string: return .string(string ?? "")
        case .array:
            var values: [JSONValue] = []
            values.reserveCapacity(count)
            for element in elements { values.append(element.value) }
            return .array(values)
        case .object:
            var values: [JSONObject.Member] = []
            values.reserveCapacity(count)
            for member in members { values.append((member.key, member.value.value)) }
            return .object(JSONObject(distinct: values))
        }
    }
}
