import Contract
import HTTPTypes
import JSON
import Text

/// Shows an operation: whom it lets in, what it takes, what it answers, and how it is called.
struct OperationView {
    let interface: ReferenceInterface
    let tree: DocumentTree
    let schemas: SchemaView
    /// The named schemas that only this operation needs.
    let ownSchemas: [String]
    let operation: ContractOperation

    private var callers: Callers { Callers(names: interface.callers[operation.operationId] ?? []) }
    private var isServed: Bool { !interface.unserved.contains(operation.operationId) }
    private var described: JSONValue { tree.operation(operation.operationId)?.operation ?? .null }

    var html: HTML {
        """
        <details class="operation"><summary>\(Self.heading(operation))\(Self.mark(isServed: isServed))</summary>\
        <div class="columns" id="\(operation.operationId)"><div class="about-operation">\(introduction)\(parameters)\(body)\
        \(answers)\(named)</div><div class="examples">\(examples)</div></div></details>
        """
    }

    /// Method, path and what it is for.
    static func heading(_ operation: ContractOperation) -> HTML {
        let method = operation.method.rawValue
        return """
            <span class="method \(method.lowercased())">\(method)</span> <code class="path">\(path(operation.path))</code> \
            <span class="title">\(title(operation))</span>
            """
    }

    static func mark(isServed: Bool) -> HTML {
        isServed ? "" : " <span class=\"flag unserved\" title=\"This version answers 501.\">not served</span>"
    }

    /// A path that may be broken behind each slash.
    private static func path(_ path: String) -> HTML {
        path.split(byte: "/").map { "/<wbr>\($0)" as HTML }.joined()
    }

    /// The summary, or the operation's name in words.
    static func title(_ operation: ContractOperation) -> String {
        if !operation.summary.isEmpty { return operation.summary }
        var words = ""
        for scalar in operation.operationId.unicodeScalars {
            let isCapital = (65...90).contains(scalar.value)
            if isCapital, !words.isEmpty { words += " " }
            words += words.isEmpty ? String(scalar).uppercased() : String(scalar).lowercased()
        }
        return words
    }

    private var introduction: HTML {
        var html: HTML = ""
        if !isServed { html += "<p class=\"note\">This version does not serve it and answers 501.</p>" }
        if let text = described["description"]?.string { html += "<p>\(prose: text)</p>" }
        if let phrase = callers.phrase { html += "<p class=\"who\"><b>Who may:</b> \(phrase).</p>" }
        let others = operation.aliasPaths.filter {
            !$0.hasByteSuffix("/") && !($0 + "/").hasSameBytes(as: operation.path)
        }
        if !others.isEmpty {
            let paths = others.map { "<code>\($0)</code>" as HTML }.joined(separator: ", ")
            html += "<p class=\"who\"><b>Also at</b> \(paths)</p>"
        }
        for (key, phrase) in [("x-filter-fields", "Filters may name:"), ("x-sort-fields", "Orders may name:")] {
            guard let names = described[key]?.array?.compactMap(\.string), !names.isEmpty else { continue }
            let words = names.map { "<code>\($0)</code>" as HTML }.joined(separator: " ")
            html += "<p class=\"who\"><b>\(phrase)</b> \(words)</p>"
        }
        return html
    }

    // MARK: What it takes

    private var parameters: HTML {
        let all = tree.parameters(operation.operationId)
        let groups = [
            ("path", "In the path"), ("query", "In the query"), ("header", "Header fields"), ("cookie", "Cookies"),
        ]
        let lists = groups.map { place, title -> HTML in
            let chosen = all.filter { $0["in"]?.string == place }
            if chosen.isEmpty { return "" }
            return "<h3>\(title)</h3><ul class=\"fields\">\(chosen.map(parameter).joined())</ul>"
        }
        return lists.joined()
    }

    private func parameter(_ parameter: JSONValue) -> HTML {
        let schema = parameter["schema"] ?? .null
        let flags: HTML = parameter["required"]?.bool == true ? " <span class=\"flag required\">required</span>" : ""
        var within: HTML = ""
        if let text = parameter["description"]?.string { within += "<p class=\"about\">\(prose: text)</p>" }
        if DocumentTree.schemaName(schema) == nil { within += schemas.limits(schema) + schemas.content(schema) }
        if schema["type"]?.string == "array" {
            let isExploded = parameter["explode"]?.bool ?? (parameter["in"]?.string == "query")
            within +=
                isExploded ? "<p class=\"limits\">may be repeated</p>" : "<p class=\"limits\">joined by commas</p>"
        }
        if let example = parameter["example"] {
            within += "<p class=\"limits\">such as <code>\(example.string ?? example.encodedString)</code></p>"
        }
        return """
            <li><code class="field">\(parameter["name"]?.string ?? "")</code> <span class="type">\(schemas.type(schema))</span>\
            \(flags)\(within)</li>
            """
    }

    private var body: HTML {
        guard let request = described["requestBody"].map(tree.resolve) else { return "" }
        var html: HTML = "<h3>Body</h3>"
        if request["required"]?.bool != true { html += "<p class=\"limits\">may be left out</p>" }
        if let text = request["description"]?.string { html += "<p>\(prose: text)</p>" }
        return html + content(of: request)
    }

    private func content(of place: JSONValue) -> HTML {
        (place["content"]?.object?.members ?? []).map { type, media -> HTML in
            "<div class=\"media\"><span class=\"media-type\">\(type)</span>\(schemas.inline(media["schema"] ?? .null))</div>"
        }.joined()
    }

    // MARK: What it answers

    private var answers: HTML {
        let items = (described["responses"]?.object?.members ?? []).map { status, reference -> HTML in
            let answer = tree.resolve(reference)
            let headers = (answer["headers"]?.object?.members ?? []).map { header($0.key, tree.resolve($0.value)) }
                .joined()
            let fields: HTML = headers.text.isEmpty ? "" : "<ul class=\"fields\">\(headers)</ul>"
            let word: HTML = status == "default" ? "other" : "\(status)"
            return """
                <li><span class="status s\(String(status.prefix(1)))">\(word)</span> \(Self.words(answer["description"]?.string))\
                \(fields)\(content(of: answer))</li>
                """
        }
        return "<h3>Answers</h3><ul class=\"answers\">\(items.joined())</ul>"
    }

    /// Descriptions that are nothing but the name of a component say nothing.
    private static func words(_ description: String?) -> HTML {
        guard let description, !(description.hasByteSuffix("Response") && !description.containsBytes(of: " ")) else {
            return ""
        }
        return "\(prose: description)"
    }

    private func header(_ name: String, _ header: JSONValue) -> HTML {
        let about: HTML = header["description"]?.string.map { "<p class=\"about\">\(prose: $0)</p>" } ?? ""
        let schema = header["schema"] ?? .null
        return """
            <li><code class="field">\(name)</code> <span class="type">\(schemas.type(schema))</span>\(about)\
            \(schemas.limits(schema))</li>
            """
    }

    private var named: HTML {
        if ownSchemas.isEmpty { return "" }
        return "<h3>Schemas</h3>\(ownSchemas.map(schemas.definition).joined())"
    }

    // MARK: Examples

    private var examples: HTML {
        let request = RequestExample(operation, callers, tree: tree, contract: interface.contract)
        var html: HTML = "<h3>Request</h3>"
        for (id, title) in RequestExample.languages {
            html += """
                <pre class="code \(id)" data-language="\(id)" tabindex="0" aria-label="Request in \(title)"><code>\
                \(Self.code(request.code(in: id), request.credential))</code></pre>
                """
        }
        for (status, reference) in described["responses"]?.object?.members ?? [] {
            html += answerExample(status, tree.resolve(reference))
        }
        return html
    }

    /// What is answered when all is well, and else what the document gives.
    private func answerExample(_ status: String, _ answer: JSONValue) -> HTML {
        guard let (type, media) = answer["content"]?.object?.members.first else {
            if status.hasBytePrefix("2") { return "<h3>Answer \(status)</h3><p class=\"limits\">without a body</p>" }
            return ""
        }
        let compiled = operation.responses[status]?.content[type.lowercased()]
        var value = RequestExample.example(media, compiled, tree)
        if value == nil, status.hasBytePrefix("2") {
            let maker = ExampleMaker(tree: tree, contract: interface.contract, direction: .response)
            value = maker.body(media["schema"] ?? .null, compiled?.schema)
        }
        guard let value else { return "" }
        let text = type.hasByteSuffix("json") ? PrettyJSON.text(value) : value.string ?? value.encodedString
        if media["schema"]?["format"]?.string == "binary" { return "" }
        let word: HTML = status == "default" ? "Other answers" : "Answer \(status)"
        let pre: HTML = """
            <pre class="answer" data-status="\(status)" data-type="\(type)" tabindex="0" \
            aria-label="Example of an answer"><code>\(text)</code></pre>
            """
        if status.hasBytePrefix("2") { return "<h3>\(word)</h3>\(pre)" }
        return "<details class=\"values\"><summary>\(word)</summary>\(pre)</details>"
    }

    /// Code with its placeholders marked, so that the page can fill them.
    static func code(_ text: String, _ credential: Credential) -> HTML {
        var html: HTML = ""
        var plain = ""
        func flush() {
            html += HTML(escaping: plain)
            plain = ""
        }
        for scalar in text.unicodeScalars {
            switch String(scalar) {
            case Placeholder.origin:
                flush()
                html += "<span class=\"origin\">http://localhost:8080</span>"
            case Placeholder.key:
                flush()
                html += "<span class=\"key\">\(credential.placeholder)</span>"
            case Placeholder.sdkKey:
                flush()
                html += "<span class=\"sdk-key\">SDK_KEY</span>"
            default: plain.unicodeScalars.append(scalar)
            }
        }
        flush()
        return html
    }
}
