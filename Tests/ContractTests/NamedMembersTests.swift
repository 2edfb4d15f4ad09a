import JSON
import Testing

@testable import Contract

@Suite struct NamedMembersTests {
    private func named(_ schema: String, _ text: String) throws -> JSONValue {
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
        let schema = try #require(contract.operations[0].requestBody?.content["application/json"]?.schema)
        return schema.named(try JSONDocument(parsing: text).root)
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
