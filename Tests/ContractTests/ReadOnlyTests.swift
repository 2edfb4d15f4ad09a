import JSON
import Testing

@testable import Contract

@Suite struct ReadOnlyTests {
    private let schema: Schema

    init() throws {
        let document = try SchemaTrial.document(
            """
            {allOf: [
              {properties: {
                id: {type: integer, readOnly: true}, name: {type: string},
                nested: {properties: {made: {type: string, readOnly: true}, kept: {type: string}}},
                marked: {allOf: [{readOnly: true}, {type: string}]}}},
              {properties: {
                things: {type: array, items: {properties: {
                  id: {type: integer, readOnly: true}, url: {type: string, readOnly: true}}}},
                either: {anyOf: [
                  {properties: {a: {type: string, readOnly: true}, b: {type: string, readOnly: true}}},
                  {properties: {a: {type: string}}}]}}}]}
            """)
        schema = try #require(document.schema("Subject"))
    }

    @Test func whatOnlyAnswersHaveGoesAtAnyDepth() {
        let value: JSONValue = [
            "id": 1, "name": "n", "marked": "m", "nested": ["made": "x", "kept": "y", "unknown": 1],
            "either": ["a": "1", "b": "2"], "other": ["id": 2],
        ]
        #expect(
            schema.withoutReadOnly(value) == [
                "name": "n", "nested": ["kept": "y", "unknown": 1], "either": ["a": "1"], "other": ["id": 2],
            ])
    }

    @Test func elementsKeepTheirIds() {
        #expect(schema.withoutReadOnly(["things": [["id": 1, "url": "u"], 7]]) == ["things": [["id": 1], 7]])
        #expect(schema.withoutReadOnly(["id": 1, "name": "n"], isElement: true) == ["id": 1, "name": "n"])
        for value: JSONValue in [1, "text", nil, [1, 2]] { #expect(schema.withoutReadOnly(value) == value) }
    }

    @Test func aRequestIsNotAskedForThem() throws {
        let marked = try JSONDocument(parsing: Array(#"{"marked": 5, "nested": {"made": 5}}"#.utf8))
        #expect(schema.validate(marked.root).isEmpty)
        #expect(!schema.validate(marked.root, as: .response).isEmpty)
    }
}
