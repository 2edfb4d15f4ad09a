import Contract
import HTTPTypes
import JSON

/// The contracts as one page for people: every operation with its parameters, bodies and answers. No scripts.
struct ContractDocumentation {
    let contracts: [ContractDocument]

    var html: String {
        var page = """
            <!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sextant API</title>
            <meta name="viewport" content="width=device-width, initial-scale=1"><style>\(Self.style)</style></head><body>
            <header><h1>Sextant API</h1><nav>
            """
        for contract in contracts {
            page += "<a href=\"#\(escape(contract.name))\">\(escape(contract.title))</a> "
            page += "<a class=\"raw\" href=\"/openapi/\(escape(contract.name)).yaml\">OpenAPI</a>"
        }
        page += "</nav></header><main>"
        for contract in contracts { page += section(contract) }
        return page + "</main></body></html>"
    }

    private func section(_ contract: ContractDocument) -> String {
        var html = "<section id=\"\(escape(contract.name))\"><h2>\(escape(contract.title))</h2>"
        if let text = contract.tree["info"]?["description"]?.string { html += "<p>\(escape(text))</p>" }
        var tags: [String] = []
        for operation in contract.operations {
            if let tag = operation.tags.first, !tags.contains(tag) { tags.append(tag) }
        }
        for tag in tags {
            html += "<h3>\(escape(tag))</h3>"
            for operation in contract.operations where operation.tags.first == tag {
                html += article(operation, contract)
            }
        }
        for operation in contract.operations where operation.tags.isEmpty { html += article(operation, contract) }
        return html + "</section>"
    }

    private func article(_ operation: ContractOperation, _ contract: ContractDocument) -> String {
        let method = operation.method.rawValue
        var html = """
            <details id="\(escape(operation.operationId))"><summary><b class="\(method.lowercased())">\(method)</b> \
            <code>\(escape(operation.path))</code> <span>\(escape(operation.summary))</span></summary>
            """
        if let place = tree(of: operation, in: contract) {
            if let text = place["description"]?.string { html += "<p>\(escape(text))</p>" }
            html += parameters(operation)
            if let body = place["requestBody"] { html += "<h4>Body</h4>\(code(body))" }
            if let responses = place["responses"] { html += "<h4>Answers</h4>\(code(responses))" }
        }
        return html + "</details>"
    }

    private func parameters(_ operation: ContractOperation) -> String {
        if operation.parameters.isEmpty { return "" }
        let rows = operation.parameters.map { parameter in
            "<tr><td><code>\(escape(parameter.name))</code></td><td>\(parameter.location.rawValue)</td>"
                + "<td>\(parameter.isRequired ? "required" : "")</td></tr>"
        }
        return "<table>\(rows.joined())</table>"
    }

    /// The operation as the document describes it.
    private func tree(of operation: ContractOperation, in contract: ContractDocument) -> JSONValue? {
        for (_, item) in contract.tree["paths"]?.object?.members ?? [] {
            let place = item[operation.method.rawValue.lowercased()]
            if place?["operationId"]?.string == operation.operationId { return place }
        }
        return nil
    }

    private func code(_ value: JSONValue) -> String {
        "<pre>\(escape(indented(value, depth: 0)))</pre>"
    }

    private func indented(_ value: JSONValue, depth: Int) -> String {
        let margin = String(repeating: "  ", count: depth)
        switch value {
        case .object(let object):
            return object.members.map { key, value in
                isContainer(value)
                    ? "\(margin)\(key):\n\(indented(value, depth: depth + 1))" : "\(margin)\(key): \(scalar(value))"
            }.joined(separator: "\n")
        case .array(let elements):
            return elements.map { element in
                isContainer(element) ? indented(element, depth: depth + 1) : "\(margin)- \(scalar(element))"
            }.joined(separator: "\n")
        default:
            return margin + scalar(value)
        }
    }

    private func isContainer(_ value: JSONValue) -> Bool {
        (value.object.map { !$0.isEmpty } ?? false) || (value.array.map { !$0.isEmpty } ?? false)
    }

    private func scalar(_ value: JSONValue) -> String {
        value.string ?? value.encodedString
    }

    private func escape(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }

    private static let style = """
        body{font:16px/1.5 system-ui,sans-serif;margin:0;color:#1c2733;background:#fff}header,main{max-width:60rem;\
        margin:auto;padding:1rem}nav a{margin-right:.5rem}a.raw{font-size:.8rem;margin-right:1.5rem}\
        details{border:1px solid #d5dde5;border-radius:.4rem;margin:.4rem 0;padding:.4rem .8rem}\
        summary{cursor:pointer}summary span{color:#51606f}b{display:inline-block;min-width:4.5rem}b.get{color:#0a6b3d}\
        b.post{color:#0b57a4}b.delete{color:#a4140b}b.put,b.patch{color:#7a5200}pre{background:#f4f7fa;padding:.8rem;\
        overflow:auto;border-radius:.3rem}table{border-collapse:collapse}td{padding:.1rem .8rem .1rem 0}
        """
}
