import JSON
import Text

/// Turns the text of one parameter into JSON, guided by its schema.
struct ParameterDecoder {
    let parameter: Parameter
    /// The items of the parameter's place.
    let allItems: [(name: String, value: String)]
    /// Those that say something.
    private let items: [(name: String, value: String)]

    init(parameter: Parameter, items: [(name: String, value: String)]) {
        self.parameter = parameter
        allItems = items
        self.items = items.filter { !$0.value.isEmpty }
    }

    enum Outcome {
        case absent
        case value(JSONValue)
        case repeated
    }

    func decode() -> Outcome {
        guard let schema = parameter.schema else { return scalar(types: [.string]) }
        let types = schema.acceptedTypes
        if types.contains(.array) {
            let outcome = array(schema.items)
            // A value that may also be a scalar is one unless it is written like a list.
            if case .value(.array(let elements)) = outcome, elements.count == 1, !types.isSubset(of: [.array, .null]),
                !allItems.contains(where: { isBracketed($0.name) })
            {
                return .value(elements[0])
            }
            return outcome
        }
        if types.contains(.object) { return object(schema) }
        return scalar(types: types)
    }

    private func scalar(types: TypeSet) -> Outcome {
        let values = items.filter { isNamed($0.name) }
        guard let first = values.first else { return .absent }
        return values.count == 1 ? .value(Self.coerce(first.value, to: types)) : .repeated
    }

    private func array(_ schema: Schema?) -> Outcome {
        let types = schema?.acceptedTypes ?? [.string]
        var texts: [String] = []
        let written = allItems.filter { isNamed($0.name) || isBracketed($0.name) }
        // A name alone is how an empty list is written; anywhere else an empty element is an element.
        if written.count == 1, written[0].value.isEmpty, isNamed(written[0].name) { return .absent }
        for item in written {
            switch (parameter.isExploded, parameter.style) {
            case (_, .simple), (false, .form): texts += item.value.split(byte: ",")
            case (false, .spaceDelimited): texts += item.value.split(byte: " ")
            case (false, .pipeDelimited): texts += item.value.split(byte: "|")
            default: texts.append(item.value)
            }
        }
        return texts.isEmpty ? .absent : .value(.array(texts.map { Self.coerce($0, to: types) }))
    }

    private func object(_ schema: Schema) -> Outcome {
        var object = JSONObject()
        func set(_ key: String, _ text: String) {
            object[key] = Self.coerce(text, to: schema.property(key)?.acceptedTypes ?? [.string])
        }
        switch parameter.style {
        case .deepObject:
            for item in items where item.name.hasBytePrefix(parameter.name + "[") && item.name.hasByteSuffix("]") {
                let member = item.name.utf8.dropFirst(parameter.name.utf8.count + 1).dropLast()
                set(String(Substring(member)), item.value)
            }
        case .form where parameter.isExploded:
            for item in items where schema.property(item.name) != nil { set(item.name, item.value) }
        default:
            for item in items where isNamed(item.name) {
                let parts = item.value.split(byte: ",")
                if parameter.isExploded {
                    for part in parts {
                        let pair = part.split(byte: "=", maxSplits: 1, omittingEmptySubsequences: false)
                        set(pair[0], pair.count > 1 ? pair[1] : "")
                    }
                } else {
                    for index in stride(from: 0, to: parts.count - 1, by: 2) { set(parts[index], parts[index + 1]) }
                }
            }
        }
        return object.isEmpty ? .absent : .value(.object(object))
    }

    private func isNamed(_ name: String) -> Bool {
        parameter.location == .header
            ? name.lowercased().hasSameBytes(as: parameter.name.lowercased()) : name.hasSameBytes(as: parameter.name)
    }

    /// `ids[]` and `ids[0]`, as many clients write arrays.
    private func isBracketed(_ name: String) -> Bool {
        guard parameter.location == .query, name.hasBytePrefix(parameter.name), name.hasByteSuffix("]") else {
            return false
        }
        let index = name.utf8.dropFirst(parameter.name.utf8.count).dropLast()
        return index.first == UInt8(ascii: "[") && index.dropFirst().allSatisfy { (48...57).contains($0) }
    }

    /// The text as the first of the types that can read it; as a string when none can, for validation to refuse.
    static func coerce(_ text: String, to types: TypeSet) -> JSONValue {
        if !types.isDisjoint(with: [.integer, .number]), let first = text.utf8.first,
            first == UInt8(ascii: "-") || (48...57).contains(first),
            let number = try? JSONValue(parsing: text), number.double != nil
        {
            return number
        }
        if types.contains(.boolean), text == "true" || text == "false" { return .bool(text == "true") }
        return .string(text)
    }
}
