import Contract
import JSON

/// Ways to try a schema in a test without a whole document around it.
enum SchemaTrial {
    /// A document with one schema, `Subject`, and others beside it, each written as YAML flow or block text.
    static func document(
        _ schema: String, others: [String: String] = [:], version: String = "3.0.3"
    ) throws -> ContractDocument {
        var yaml = "openapi: \(version)\ninfo: {title: Trial, version: '1'}\npaths: {}\ncomponents:\n  schemas:\n"
        yaml += "    Subject: \(schema)\n"
        for (name, other) in others.sorted(by: { $0.key < $1.key }) { yaml += "    \(name): \(other)\n" }
        return try ContractDocument(yaml: Array(yaml.utf8), name: "trial")
    }

    /// What is wrong with a JSON text, each finding as "path keyword: message".
    static func findings(
        _ json: String, _ schema: String, others: [String: String] = [:], version: String = "3.0.3",
        as direction: Schema.Direction = .request
    ) throws -> [String] {
        let document = try document(schema, others: others, version: version)
        guard let subject = document.schema("Subject") else { return ["no schema"] }
        let node = try JSONDocument(parsing: json).root
        let violations = subject.validate(node, as: direction)
        guard subject.isValid(node, as: direction) == violations.isEmpty else { return ["the two ways disagree"] }
        return violations.map { "\($0.field)|\($0.keyword)|\($0.message)" }
    }

    static func accepts(
        _ json: String, _ schema: String, others: [String: String] = [:], version: String = "3.0.3"
    ) throws -> Bool {
        try findings(json, schema, others: others, version: version).isEmpty
    }
}
