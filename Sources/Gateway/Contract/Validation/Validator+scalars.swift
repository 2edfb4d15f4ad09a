import JSON

extension Validator {
    mutating func checkEnumeration(_ value: JSONNode, _ enumeration: Enumeration) -> Bool {
        let isListed =
            switch enumeration {
            case .strings(let table): value.kind == .string && value.withUTF8 { table.place(of: $0) } != nil
            case .values(let values, _): values.contains(value.value.canonical)
            }
        guard !isListed else { return true }
        return sink.report("enum", Self.enumerationMessage(value, enumeration.listed))
    }

    static func enumerationMessage(_ value: JSONNode, _ listed: [JSONValue]) -> String {
        guard listed.count > 1 else {
            return "must be \(listed.first?.encodedString ?? "absent"), got \(show(value))"
        }
        let shown = listed.prefix(30).map(\.encodedString).joined(separator: ", ")
        return "must be one of \(shown)\(listed.count > 30 ? ", …" : ""), got \(show(value))"
    }

    mutating func checkString(_ value: JSONNode, _ rules: StringRules) -> Bool {
        let length = value.withUTF8 { bytes in bytes.reduce(into: 0) { $0 += $1 & 0xC0 == 0x80 ? 0 : 1 } }
        if length < rules.minLength {
            let message =
                length == 0 ? "must not be empty" : "must have at least \(rules.minLength) characters, got \(length)"
            guard sink.report("minLength", message) else { return false }
        }
        if length > rules.maxLength {
            return sink.report("maxLength", "must have at most \(rules.maxLength) characters, got \(length)")
        }
        if let format = rules.format, !value.withUTF8({ format.accepts($0) }) {
            guard sink.report("format", "must be \(format.phrase), got \(Self.show(value))") else { return false }
        }
        if let pattern = rules.pattern, !pattern.matches(value.string ?? "") {
            return sink.report("pattern", "must match the pattern \(pattern.source), got \(Self.show(value))")
        }
        return true
    }

    mutating func checkNumber(_ value: JSONNode, _ rules: NumberRules) -> Bool {
        if let bound = rules.minimum {
            let order = bound.compare(value)
            if order < 0 || (order == 0 && bound.isExclusive) {
                let words = bound.isExclusive ? "greater than" : "at least"
                return sink.report("minimum", "must be \(words) \(bound.value.encodedString), got \(Self.show(value))")
            }
        }
        if let bound = rules.maximum {
            let order = bound.compare(value)
            if order > 0 || (order == 0 && bound.isExclusive) {
                let words = bound.isExclusive ? "less than" : "at most"
                return sink.report("maximum", "must be \(words) \(bound.value.encodedString), got \(Self.show(value))")
            }
        }
        if let step = rules.multipleOf, !Self.isMultiple(value, of: step) {
            let shown = JSONValue.double(step).canonical.encodedString
            return sink.report("multipleOf", "must be a multiple of \(shown), got \(Self.show(value))")
        }
        return true
    }

    private static func isMultiple(_ value: JSONNode, of step: Double) -> Bool {
        if let integer = value.int64, let divisor = JSONValue.double(step).int64 { return integer % divisor == 0 }
        // 19.99 / 0.01 is not whole in binary; what decimals mean is within a few units of the last place.
        let quotient = (value.double ?? 0) / step
        let nearest = quotient.rounded()
        return (quotient - nearest).magnitude <= nearest.magnitude.ulp * 4 + 1e-9 * min(1, step)
    }
}
