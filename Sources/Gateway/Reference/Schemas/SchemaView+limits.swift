import JSON

extension SchemaView {
    /// What a value is held to, with its default and an example.
    func limits(_ schema: JSONValue) -> HTML {
        var parts: [HTML] = [
            range(schema, "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", unit: ""),
            range(schema, "minLength", "maxLength", unit: " characters"),
            range(schema, "minItems", "maxItems", unit: " elements"),
            range(schema, "minProperties", "maxProperties", unit: " members"),
        ].compactMap(\.self)
        if schema["uniqueItems"]?.bool == true { parts.append("no element twice") }
        if let step = schema["multipleOf"] { parts.append("a multiple of \(step.encodedString)") }
        if let format = schema["format"]?.string, schema["type"]?.string != "string" { parts.append("\(format)") }
        if let pattern = schema["pattern"]?.string { parts.append("matches <code>\(pattern)</code>") }
        if let value = schema["default"] { parts.append("default <code>\(Self.shown(value))</code>") }
        if let value = schema["example"], !isLong(value) { parts.append("such as <code>\(Self.shown(value))</code>") }
        var html: HTML = parts.isEmpty ? "" : "<p class=\"limits\">\(parts.joined(separator: " · "))</p>"
        if let values = schema["enum"]?.array { html += enumeration(values) }
        return html
    }

    private func isLong(_ value: JSONValue) -> Bool { value.encodedString.utf8.count > 200 }

    /// A text as it stands, anything else as JSON.
    private static func shown(_ value: JSONValue) -> String {
        if let text = value.string, !text.isEmpty { return text }
        return value.encodedString
    }

    private func enumeration(_ values: [JSONValue]) -> HTML {
        let words = values.map { "<code>\(Self.shown($0))</code>" as HTML }.joined(separator: " ")
        if values.count == 1 { return "<p class=\"limits\">always \(words)</p>" }
        if values.count <= 12 { return "<p class=\"limits\">one of \(words)</p>" }
        return """
            <details class="values"><summary>one of \(values.count) values</summary><p class="limits">\(words)</p></details>
            """
    }

    private func range(
        _ schema: JSONValue, _ least: String, _ most: String, _ aboveKey: String = "", _ belowKey: String = "",
        unit: String
    ) -> HTML? {
        func units(_ count: String) -> String { count == "1" ? String(unit.dropLast()) : unit }
        let minimum = schema[least].map { ($0.encodedString, schema[aboveKey]?.bool == true) }
        let maximum = schema[most].map { ($0.encodedString, schema[belowKey]?.bool == true) }
        switch (minimum, maximum) {
        case (let low?, let high?) where low.0 == high.0: return "exactly \(low.0)\(units(low.0))"
        case (let low?, let high?):
            let from: HTML = low.1 ? "above \(low.0)" : "\(low.0)"
            let to: HTML = high.1 ? "below \(high.0)" : "\(high.0)"
            return "\(from) to \(to)\(units(high.0))"
        case (let low?, nil): return low.1 ? "above \(low.0)\(unit)" : "at least \(low.0)\(units(low.0))"
        case (nil, let high?): return high.1 ? "below \(high.0)\(unit)" : "at most \(high.0)\(units(high.0))"
        case (nil, nil): return nil
        }
    }
}
