import JSON
import Text

/// Shows schemas: what is named by a link to where it stands, all else in place.
struct SchemaView {
    let tree: DocumentTree
    let homes: SchemaHomes
    /// The address of the interface's pages, such as `/docs/convert`.
    let base: String
    /// The page that the schemas are shown on.
    let page: String

    /// A named schema in full, under its anchor.
    func definition(_ name: String) -> HTML {
        let schema = tree.schema(name)
        return """
            <section class="schema" id="schema-\(name)"><h4><a href="#schema-\(name)"><code>\(name)</code></a> \
            <span class="type">\(type(schema, named: false))</span></h4>\(about(schema))\(limits(schema))\
            \(content(schema))</section>
            """
    }

    /// A link to where a named schema stands.
    func link(_ name: String) -> HTML {
        let home = homes.page(of: name)
        let place = home.hasSameBytes(as: page) ? "" : "\(base)/\(home)"
        return "<a class=\"name\" href=\"\(place)#schema-\(name)\">\(name)</a>"
    }

    /// A schema that is not named, such as that of a body: its type, and what is within it.
    func inline(_ schema: JSONValue) -> HTML {
        if DocumentTree.schemaName(schema) != nil { return "<p>\(type(schema))</p>" }
        return "<p>\(type(schema))</p>\(about(schema))\(limits(schema))\(content(schema))"
    }

    /// What a value is, in a few words.
    /// - Parameter named: whether a name that the schema refers to is shown.
    func type(_ schema: JSONValue, named: Bool = true) -> HTML {
        if named, let name = DocumentTree.schemaName(schema) { return link(name) }
        let isNullable = schema["nullable"]?.bool == true
        return bareType(schema) + (isNullable ? " <span class=\"flag\">or null</span>" : "")
    }

    private func bareType(_ schema: JSONValue) -> HTML {
        switch schema["type"]?.string {
        case "array":
            let items = schema["items"] ?? .null
            return "array of \(items.object?.isEmpty ?? true ? "anything" : type(items))"
        case "object":
            if schema["properties"] == nil, let values = schema["additionalProperties"], values.object != nil {
                return "map of text to \(values.object?.isEmpty == true ? "anything" : type(values))"
            }
            return "object"
        case "string":
            if let format = schema["format"]?.string { return Self.formats(format) }
            return "text"
        case let name?: return "\(name)"
        case nil: break
        }
        if let parts = schema["allOf"]?.array {
            if parts.count == 1, let part = parts.first, schema["properties"] == nil { return type(part) }
            return "object"
        }
        if schema["oneOf"] != nil { return "one of several" }
        if schema["anyOf"] != nil { return "any of several" }
        if schema["properties"] != nil { return "object" }
        if let values = schema["enum"]?.array {
            return values.allSatisfy { $0.string != nil } ? "text" : "value"
        }
        return "anything"
    }

    private static func formats(_ format: String) -> HTML {
        switch format {
        case "date": "date"
        case "date-time": "date and time"
        case "uri": "address (URI)"
        case "email": "e-mail address"
        case "binary": "file"
        default: "text (\(format))"
        }
    }

    /// What is said about a schema.
    func about(_ schema: JSONValue) -> HTML {
        guard let text = schema["description"]?.string, !text.isEmpty else { return "" }
        return "<p class=\"about\">\(prose: text)</p>"
    }

    /// What is within a schema: fields, elements, alternatives.
    func content(_ schema: JSONValue) -> HTML {
        var html: HTML = ""
        let parts = schema["allOf"]?.array ?? []
        // A name alone is the type already.
        if parts.count > 1 || (!parts.isEmpty && schema["properties"] != nil) {
            for part in parts {
                if let name = DocumentTree.schemaName(part) {
                    html += "<p class=\"part\">All of \(link(name)), and:</p>"
                } else {
                    html += about(part) + limits(part) + content(part)
                }
            }
        } else if let part = parts.first, DocumentTree.schemaName(part) == nil {
            html += about(part) + limits(part) + content(part)
        }
        html += fields(schema)
        for (keyword, phrase) in [("oneOf", "One of:"), ("anyOf", "Any of:")] {
            guard let branches = schema[keyword]?.array else { continue }
            html += alternatives(branches, phrase: phrase, discriminator: schema["discriminator"])
        }
        if let items = schema["items"], DocumentTree.schemaName(items) == nil, hasContent(items) {
            html += "<div class=\"within\"><p class=\"part\">Each element:</p>\(limits(items))\(content(items))</div>"
        }
        return html
    }

    private func hasContent(_ schema: JSONValue) -> Bool {
        [
            "properties", "oneOf", "anyOf", "allOf", "enum", "items", "minLength", "maxLength", "pattern", "minimum",
            "maximum",
        ]
        .contains { schema[$0] != nil }
    }

    private func fields(_ schema: JSONValue) -> HTML {
        let members = schema["properties"]?.object?.members ?? []
        let required = schema["required"]?.array ?? []
        var html: HTML = ""
        if !members.isEmpty {
            let items = members.map { name, field in
                self.field(name, field, isRequired: required.contains(.string(name)))
            }
            html += "<ul class=\"fields\">\(items.joined())</ul>"
        }
        let elsewhere = required.compactMap(\.string).filter { name in
            !members.contains { $0.key.hasSameBytes(as: name) }
        }
        if !elsewhere.isEmpty {
            let names = elsewhere.map { name -> HTML in "<code>\(name)</code>" }.joined(separator: ", ")
            html += "<p class=\"part\">Required: \(names)</p>"
        }
        switch schema["additionalProperties"] {
        case .bool(false)?: html += "<p class=\"part\">No other fields.</p>"
        case .object(let object)? where !members.isEmpty:
            html += "<p class=\"part\">Other fields: \(object.isEmpty ? "anything" : type(.object(object)))</p>"
        case .object(let object)? where DocumentTree.schemaName(.object(object)) == nil:
            html += "<div class=\"within\">\(limits(.object(object)))\(content(.object(object)))</div>"
        default: break
        }
        return html
    }

    private func field(_ name: String, _ field: JSONValue, isRequired: Bool) -> HTML {
        var flags: HTML = isRequired ? " <span class=\"flag required\">required</span>" : ""
        if field["readOnly"]?.bool == true { flags += " <span class=\"flag\">read only</span>" }
        if field["writeOnly"]?.bool == true { flags += " <span class=\"flag\">write only</span>" }
        if field["deprecated"]?.bool == true { flags += " <span class=\"flag\">deprecated</span>" }
        let within = DocumentTree.schemaName(field) == nil ? about(field) + limits(field) + content(field) : ""
        return
            "<li><code class=\"field\">\(name)</code> <span class=\"type\">\(type(field))</span>\(flags)\(within)</li>"
    }

    private func alternatives(_ branches: [JSONValue], phrase: String, discriminator: JSONValue?) -> HTML {
        var html: HTML = "<p class=\"part\">\(phrase)</p>"
        let key = discriminator?["propertyName"]?.string
        let mapping = discriminator?["mapping"]?.object?.members ?? []
        if let key { html = "<p class=\"part\">\(phrase) told apart by <code>\(key)</code></p>" }
        let items = branches.map { branch -> HTML in
            let name = DocumentTree.schemaName(branch)
            let values = mapping.filter { _, target in
                guard let name, let path = target.string else { return false }
                return path.hasSameBytes(as: name) || path.hasByteSuffix("/" + name)
            }
            let words = values.map { "<code>\($0.key)</code>" as HTML }.joined(separator: ", ")
            let value: HTML = values.isEmpty ? "" : "\(words): "
            if name != nil { return "<li>\(value)\(type(branch))</li>" }
            return "<li>\(value)\(type(branch))\(about(branch))\(limits(branch))\(content(branch))</li>"
        }
        html += "<ul class=\"alternatives\">\(items.joined())</ul>"
        return html
    }
}
