import JSON
import Text

extension RequestExample {
    /// The languages in which requests are shown, with how a page names each.
    static let languages: [(id: String, title: String)] = [
        ("curl", "curl"), ("python", "Python"), ("javascript", "JavaScript"),
    ]

    func code(in language: String) -> String {
        switch language {
        case "curl": curl
        case "python": python
        default: javaScript
        }
    }

    private var address: String { Placeholder.origin + path }

    /// All header fields, with the credential's.
    private var fields: [(name: String, value: String)] { (credential.header.map { [$0] } ?? []) + headers }

    // MARK: curl

    private var curl: String {
        var parts = ["curl " + (method == "GET" ? "" : "-X \(method) ") + Self.quoted(address)]
        for (name, value) in fields { parts.append("-H " + Self.quoted("\(name): \(value)")) }
        switch body {
        case .none: break
        case .json(let value):
            parts.append("-H " + Self.quoted("Content-Type: application/json"))
            parts.append("-d " + Self.quoted(PrettyJSON.text(value)))
        case .text(let text, let type):
            parts.append("-H " + Self.quoted("Content-Type: \(type)"))
            parts.append("--data-binary " + Self.quoted(text))
        case .form(let fields):
            parts += fields.map { "-F " + Self.quoted("\($0.name)=\($0.isFile ? "@" : "")\($0.value)") }
        }
        return parts.joined(separator: " \\\n  ")
    }

    /// In single quotes, as a shell takes it for one word.
    private static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "'\\''") + "'" }

    // MARK: Python

    private var python: String {
        var arguments = [PythonLiteral.text(.string(address))]
        if !fields.isEmpty { arguments.append("headers={" + literals(fields) + "}") }
        switch body {
        case .none: break
        case .json(let value): arguments.append("json=" + PythonLiteral.text(value, depth: 1))
        case .text(let text, let type):
            let all = literals(fields + [(name: "Content-Type", value: type)])
            arguments.removeAll { $0.hasBytePrefix("headers=") }
            arguments += ["headers={\(all)}", "data=" + PythonLiteral.text(.string(text)) + ".encode()"]
        case .form(let parts):
            let texts = parts.filter { !$0.isFile }.map { (name: $0.name, value: $0.value) }
            if !texts.isEmpty { arguments.append("data={" + literals(texts) + "}") }
            let files = parts.filter(\.isFile).map { part in
                "\(PythonLiteral.text(.string(part.name))): open(\(PythonLiteral.text(.string(part.value))), \"rb\")"
            }
            if !files.isEmpty { arguments.append("files={" + files.joined(separator: ", ") + "}") }
        }
        let lines = arguments.map { "    \($0),\n" }.joined()
        let shown = isAnswerJSON ? "answer.json()" : "answer.text"
        return """
            import requests

            answer = requests.\(method.lowercased())(
            \(lines))
            answer.raise_for_status()
            print(\(shown))
            """
    }

    private func literals(_ fields: [(name: String, value: String)]) -> String {
        fields.map { "\(PythonLiteral.text(.string($0.name))): \(PythonLiteral.text(.string($0.value)))" }
            .joined(separator: ", ")
    }

    // MARK: JavaScript

    private var javaScript: String {
        var options = ["method: \(Self.scriptText(method))"]
        // A browser sends its cookies itself.
        var all = credential == .session ? headers : fields
        if credential == .session { options.append("credentials: \"include\"") }
        switch body {
        case .json: all.append(("Content-Type", "application/json"))
        case .text(_, let type): all.append(("Content-Type", type))
        case .none, .form: break
        }
        if !all.isEmpty {
            let members = all.map { "\(Self.scriptText($0.name)): \(Self.scriptText($0.value))" }
            options.append("headers: { " + members.joined(separator: ", ") + " }")
        }
        var before = ""
        switch body {
        case .none: break
        case .json(let value): options.append("body: JSON.stringify(\(PrettyJSON.text(value, depth: 1)))")
        case .text(let text, _): options.append("body: \(Self.scriptText(text))")
        case .form(let parts):
            before = "const form = new FormData();\n"
            for part in parts {
                let value =
                    part.isFile ? "document.querySelector(\"input[type=file]\").files[0]" : Self.scriptText(part.value)
                before += "form.append(\(Self.scriptText(part.name)), \(value));\n"
            }
            options.append("body: form")
        }
        let lines = options.map { "  \($0),\n" }.joined()
        let shown = isAnswerJSON ? "await answer.json()" : "await answer.text()"
        return """
            \(before)const answer = await fetch(\(Self.scriptText(address)), {
            \(lines)});
            console.log(answer.status, \(shown));
            """
    }

    private static func scriptText(_ text: String) -> String { JSONValue.string(text).encodedString }
}

/// JSON for people: a member a line.
enum PrettyJSON {
    static func text(_ value: JSONValue, depth: Int = 0) -> String {
        Layout(null: "null", yes: "true", no: "false", margin: "  ").text(value, depth: depth)
    }
}

/// The same as a literal of Python.
enum PythonLiteral {
    static func text(_ value: JSONValue, depth: Int = 0) -> String {
        Layout(null: "None", yes: "True", no: "False", margin: "    ").text(value, depth: depth)
    }
}

/// A value on several lines; what is short stays on one.
private struct Layout {
    let null: String
    let yes: String
    let no: String
    let margin: String

    func text(_ value: JSONValue, depth: Int) -> String {
        switch value {
        case .null: return null
        case .bool(let value): return value ? yes : no
        case .array(let elements): return list(elements.map { ("", $0) }, "[", "]", depth)
        case .object(let object):
            return list(
                object.members.map { (JSONValue.string($0.key).encodedString + ": ", $0.value) }, "{", "}", depth)
        default: return value.encodedString
        }
    }

    private func list(_ items: [(String, JSONValue)], _ open: String, _ close: String, _ depth: Int) -> String {
        if items.isEmpty { return open + close }
        let isFlat = !items.contains { $0.1.array?.isEmpty == false || $0.1.object?.isEmpty == false }
        if isFlat, items.count <= 4 {
            let line = items.map { $0.0 + text($0.1, depth: 0) }.joined(separator: ", ")
            if line.utf8.count + depth * margin.utf8.count < 60 { return open + line + close }
        }
        let inner = String(repeating: margin, count: depth + 1)
        let lines = items.map { inner + $0.0 + text($0.1, depth: depth + 1) }.joined(separator: ",\n")
        return open + "\n" + lines + "\n" + String(repeating: margin, count: depth) + close
    }
}
