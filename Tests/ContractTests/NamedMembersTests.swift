import JSON
import Testing
import Text

@testable import Contract

@Suite struct NamedMembersTests {
    private func named(_ schema: String, _ text: String) throws -> JSONValue {
        try self.schema(schema).named(try JSONDocument(parsing: text).root)
    }

    private func unknown(_ schema: String, _ text: String) throws -> [UnknownName] {
        try self.schema(schema).unknownNames(in: try JSONDocument(parsing: text).root)
    }

    private func schema(_ schema: String) throws -> Schema {
        let yaml = """
            openapi: 3.0.3
            info: {title: Named, version: '1'}
            servers: [{url: 'https://host.example/api'}]
            paths:
              /x:
                post:
                  operationId: x
                  requestBody: {content: {application/json: {schema: \(schema)}}}
                  responses: {'200': {description: done}}
            """
        let contract = try ContractDocument(yaml: Array(yaml.utf8), name: "named")
        return try #require(contract.operations[0].requestBody?.content["application/json"]?.schema)
    }

    private static let project = """
        {type: object, properties: {name: {type: string}, project_type: {type: string}, settings: {type: object, properties: {
        outliers: {type: boolean}}}, list: {type: array, items: {type: object, properties: {b: {}}}}}}
        """

    @Test func whatNothingReadsIsTold() throws {
        let found = try unknown(
            Self.project,
            #"{"type":"web","name":"x","settings":{"outlier":true,"gone":null},"list":[{"b":{"c":1}},{"a.b":1}]}"#)
        #expect(
            found == [
                UnknownName(path: "type", suggestion: "project_type"),
                UnknownName(path: "settings.outlier", suggestion: "outliers"),
                UnknownName(path: #"list[1]["a.b"]"#, suggestion: nil),
            ])
    }

    @Test func ofManyOnlySomeAreTold() throws {
        let members = (0..<5_000).map { "\"n\($0)\":0" }.joined(separator: ",")
        #expect(try unknown(Self.project, "{\(members)}").count == UnknownName.maximumCount)
        let elements = (0..<5_000).map { _ in #"{"z":0}"# }.joined(separator: ",")
        #expect(try unknown(Self.project, "{\"list\":[\(elements)]}").count == UnknownName.maximumCount)
    }

    @Test(arguments: [
        "{type: object}", "{type: object, properties: {a: {}}, additionalProperties: true}",
        "{type: object, properties: {a: {}}, additionalProperties: {type: integer}}",
        "{allOf: [{type: object, properties: {a: {}}}, {type: object, additionalProperties: true}]}",
    ])
    func whereThereMayBeAnythingNothingIsUnknown(_ schema: String) throws {
        #expect(try unknown(schema, #"{"b":1}"#).isEmpty)
    }

    @Test func membersOfAnyFormAreKnown() throws {
        let schema = "{oneOf: [{type: object, properties: {a: {}}}, {allOf: [{type: object, properties: {b: {}}}]}]}"
        #expect(try unknown(schema, #"{"a":1,"b":2,"c":3,"é":null}"#).map(\.path) == ["c"])
        #expect(try unknown("{type: string}", #"{"a":1}"#).isEmpty)
    }

    @Test func whatNoSchemaNamesIsPassedOver() throws {
        let item = "{type: object, properties: {b: {}}}"
        let schema = "{type: object, properties: {a: {type: integer}, list: {type: array, items: \(item)}}}"
        let made = try named(schema, #"{"z":[0,0,0],"a":1,"list":[{"b":{"any":1},"c":2},5],"y":{}}"#)
        #expect(made.encodedString == #"{"a":1,"list":[{"b":{"any":1}},5]}"#)
    }

    @Test func whatMayHoldAnythingIsMadeWhole() throws {
        #expect(try named("{type: object}", #"{"a":[1]}"#).encodedString == #"{"a":[1]}"#)
        let open = "{type: object, properties: {a: {}}, additionalProperties: {type: string}}"
        #expect(try named(open, #"{"a":1,"b":"x"}"#).encodedString == #"{"a":1,"b":"x"}"#)
    }

    @Test func allFormsOfAValueCount() throws {
        let schema = "{oneOf: [{type: object, properties: {a: {}}}, {allOf: [{type: object, properties: {b: {}}}]}]}"
        #expect(try named(schema, #"{"a":1,"b":2,"c":3}"#).encodedString == #"{"a":1,"b":2}"#)
    }
}
