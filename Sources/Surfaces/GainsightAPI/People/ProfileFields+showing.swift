import JSON
import Time

extension ProfileFields {
    /// The value of a field as the interface shows it, out of a profile's properties.
    func shown(_ field: Field, of properties: JSONValue) -> JSONValue {
        for name in [field.name] + field.alternatives {
            if let value = properties[name], let shown = field.kind.shown(value) { return shown }
        }
        return field.unknown ?? field.kind.unknown
    }

    /// All properties that are no fields; null when there are none.
    func customAttributes(of properties: JSONValue) -> JSONValue {
        var attributes = JSONObject()
        for (key, value) in properties.object?.members ?? [] {
            if let name = attribute(ofProperty: key) { attributes[name] = value }
        }
        return attributes.isEmpty ? .null : .object(attributes)
    }
}

extension ProfileFields.Kind {
    var unknown: JSONValue {
        switch self {
        case .text: ""
        case .integer, .number, .time: 0
        case .boolean: false
        case .texts: []
        case .object: .null
        }
    }

    /// A stored value in the form of this kind; nil for one that has no such form.
    func shown(_ value: JSONValue) -> JSONValue? {
        switch self {
        case .text:
            switch value {
            case .null: nil
            case .string: value
            default: .string(value.encodedString)
            }
        case .integer: Self.integer(value).map { .integer($0) }
        case .number: Self.number(value)
        case .time: Self.milliseconds(value).map { .integer($0) }
        case .boolean: Self.boolean(value).map { .bool($0) }
        case .texts: value.array.map { .array($0.filter { $0.string != nil }) }
        case .object: value.object.map { .object($0) }
        }
    }

    /// A value as it is stored: the vendor's own data loader sends booleans as texts.
    func stored(_ value: JSONValue) -> JSONValue {
        guard case .boolean = self, let bool = Self.boolean(value) else { return value }
        return .bool(bool)
    }

    private static func integer(_ value: JSONValue) -> Int64? {
        if let integer = value.int64 { return integer }
        if let text = value.string { return Int64(text) ?? Double(text).flatMap { Int64(exactly: $0.rounded()) } }
        return value.double.flatMap { Int64(exactly: $0.rounded()) }
    }

    private static func number(_ value: JSONValue) -> JSONValue? {
        if value.double != nil { return value }
        return value.string.flatMap { Double($0) }.flatMap { $0.isFinite ? .double($0) : nil }
    }

    /// Nil beyond the years 0 to 9999, which clients' own calendars do not take either.
    private static func milliseconds(_ value: JSONValue) -> Int64? {
        if let text = value.string, Int64(text) == nil { return Timestamp(text)?.milliseconds }
        let span = Timestamp.earliest.milliseconds...Timestamp.latest.milliseconds
        return integer(value).flatMap { span.contains($0) ? $0 : nil }
    }

    private static func boolean(_ value: JSONValue) -> Bool? {
        if let bool = value.bool { return bool }
        switch value.string?.lowercased() {
        case "true": return true
        case "false": return false
        default: return nil
        }
    }
}
