import Contract
import JSON
import Testing

/// The documents' own examples and defaults against their own schemas.
@Suite struct ExampleTests {
    /// Examples that do not match the schema beside them, with the reason.
    private static let known: [String: String] = [:]

    /// Defaults that do not match the schema around them, with the reason.
    private static let knownDefaults: [String: String] = [:]

    @Test(arguments: DocumentTests.names) func examplesMatchTheirSchemas(name: String) throws {
        let document = try DocumentTests.document(name)
        var checked = 0
        func check(_ media: MediaContract, _ place: String, _ direction: Schema.Direction) throws {
            for (key, example) in media.examples {
                guard let schema = media.schema else { continue }
                checked += 1
                let label = "\(place) \(key)"
                let violations = schema.validate(try JSONDocument(parsing: example.encoded()).root, as: direction)
                #expect(violations.isEmpty == (Self.known[label] == nil), "\(label): \(violations)")
            }
        }
        for operation in document.operations {
            for (type, media) in operation.requestBody?.content ?? [:] {
                try check(media, "\(operation.operationId) \(type)", .request)
            }
            for (status, response) in operation.responses {
                for media in response.content.values {
                    try check(media, "\(operation.operationId) \(status)", .response)
                }
            }
        }
        let counted = ["userpilot": 30, "gainsight-px": 1]
        #expect(checked >= counted[name, default: 0], "\(checked)")
    }

    @Test(arguments: DocumentTests.names) func examplesAndDefaultsWithinSchemasMatchThem(name: String) throws {
        let document = try DocumentTests.document(name)
        var checked = 0
        func walk(_ value: JSONValue, _ pointer: String) throws {
            for (index, element) in (value.array ?? []).enumerated() { try walk(element, "\(pointer)/\(index)") }
            guard let object = value.object else { return }
            if object["type"]?.string != nil || object["enum"]?.array != nil {
                for keyword in ["default", "example"] {
                    guard let example = object[keyword] else { continue }
                    checked += 1
                    let label = "\(name) \(pointer) \(keyword)"
                    let trial = try trial(of: value, in: document)
                    let node = try JSONDocument(parsing: example.encoded()).root
                    let violations = trial.validate(node, as: .response)
                    #expect(violations.isEmpty == (Self.knownDefaults[label] == nil), "\(label): \(violations)")
                }
            }
            for member in object.members where member.key != "example" && member.key != "examples" {
                try walk(member.value, "\(pointer)/\(member.key)")
            }
        }
        try walk(document.tree, "#")
        let counted = ["convert": 60, "convert-serving": 12, "userpilot": 5, "gainsight-px": 5]
        #expect(checked >= counted[name, default: 0], "\(checked)")
    }

    /// The schema on its own, with the document's components at hand for its references.
    private func trial(of schema: JSONValue, in document: ContractDocument) throws -> Schema {
        var schemas = document.tree["components"]?["schemas"]?.object ?? JSONObject()
        // Only schemas without references occur; the others would make each trial compile the whole document.
        if !schema.encodedString.contains("$ref") { schemas = JSONObject() }
        schemas["Subject"] = schema
        let tree: JSONValue = [
            "openapi": "3.0.3", "info": ["title": "T", "version": "1"], "paths": [:],
            "components": ["schemas": .object(schemas)],
        ]
        let trial = try ContractDocument(yaml: tree.encoded(), name: "trial")
        return try #require(trial.schema("Subject"))
    }
}
