import Contract
import JSON
import Testing

@Suite struct SchemaCompositionTests {
    private let animals = [
        "Animal": "{type: object, properties: {kind: {type: string}}, required: [kind]}",
        "Cat": "{allOf: [{$ref: '#/components/schemas/Animal'}, {type: object, additionalProperties: false, "
            + "properties: {kind: {enum: [cat]}, lives: {type: integer}}, required: [lives]}]}",
        "Dog": "{allOf: [{$ref: '#/components/schemas/Animal'}, {type: object, properties: {kind: {enum: [dog]}, "
            + "tricks: {type: array, items: {type: string}}}}]}",
    ]
    private let union =
        "{oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}], "
        + "discriminator: {propertyName: kind, mapping: {cat: '#/components/schemas/Cat', dog: Dog}}}"

    @Test func theDiscriminatorPicksTheBranch() throws {
        func findings(_ json: String) throws -> [String] { try SchemaTrial.findings(json, union, others: animals) }
        #expect(try findings(#"{"kind":"cat","lives":9}"#) == [])
        #expect(try findings(#"{"kind":"dog","tricks":["sit"],"lives":"whatever"}"#) == [])
        #expect(try findings(#"{"kind":"cat","lives":"nine"}"#) == ["lives|type|must be an integer, got a string"])
        #expect(
            try findings(#"{"kind":"cat","lives":9,"tricks":[]}"#)
                == ["tricks|additionalProperties|is not a known property"])
        #expect(
            try findings(#"{"kind":"cow"}"#)
                == [#"kind|discriminator|must be one of "cat", "dog", got "cow""#])
        #expect(try findings(#"{"lives":9}"#) == [#"kind|required|is required: one of "cat", "dog""#])
        #expect(try findings(#"{"kind":null,"lives":9}"#) == [#"kind|required|is required: one of "cat", "dog""#])
        #expect(try findings(#"{"kind":7}"#) == [#"kind|discriminator|must be one of "cat", "dog", got 7"#])
        #expect(try findings("3") == ["|type|must be an object, got a number"])
    }

    @Test func withoutMappingTheNamesOfSchemasAreTheValues() throws {
        let schema =
            "{oneOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}], "
            + "discriminator: {propertyName: t}}"
        let others = ["A": "{type: object, properties: {x: {type: integer}}}", "B": "{type: object, required: [y]}"]
        #expect(try SchemaTrial.findings(#"{"t":"A","x":1}"#, schema, others: others) == [])
        #expect(try SchemaTrial.findings(#"{"t":"B"}"#, schema, others: others) == ["y|required|is required"])
        #expect(try SchemaTrial.findings(#"{"x":1}"#, schema, others: others) == [])
        #expect(try SchemaTrial.findings(#"{"x":"1"}"#, schema, others: others) != [])
    }

    @Test func theClosestAlternativeExplains() throws {
        let schema = "{oneOf: [{type: integer}, {type: object, properties: {name: {type: string}}, required: [name]}]}"
        #expect(try SchemaTrial.findings(#"{"name":7}"#, schema) == ["name|type|must be a string, got a number"])
        #expect(try SchemaTrial.findings("{}", schema) == ["name|required|is required"])
        #expect(try SchemaTrial.findings("true", schema) == ["|type|must be an integer or an object, got a boolean"])
        let tagged =
            "{anyOf: [{properties: {t: {enum: [a]}, x: {type: integer}}, required: [t]}, "
            + "{properties: {t: {enum: [b]}, y: {type: integer}}, required: [t]}]}"
        #expect(try SchemaTrial.findings(#"{"t":"b","y":"no"}"#, tagged) == ["y|type|must be an integer, got a string"])
        #expect(try SchemaTrial.findings(#"{"t":"a","x":"no"}"#, tagged) == ["x|type|must be an integer, got a string"])
    }

    @Test func closedPartsLetTheOtherPartsPass() throws {
        let others = [
            "Id": "{type: object, additionalProperties: false, properties: {id: {type: integer}}, required: [id]}"
        ]
        let joined = "{allOf: [{$ref: '#/components/schemas/Id'}, {type: object, properties: {name: {type: string}}}]}"
        #expect(try SchemaTrial.findings(#"{"id":1,"name":"x"}"#, joined, others: others) == [])
        #expect(
            try SchemaTrial.findings(#"{"id":1,"other":"x"}"#, joined, others: others)
                == ["other|additionalProperties|is not a known property"])
        #expect(
            try SchemaTrial.findings(#"{"id":1,"name":2}"#, joined, others: others)
                == ["name|type|must be a string, got a number"])
        let alone = "{$ref: '#/components/schemas/Id'}"
        #expect(try !SchemaTrial.accepts(#"{"id":1,"name":"x"}"#, alone, others: others))
        let alternatives =
            "{anyOf: [{$ref: '#/components/schemas/Id'}, {type: object, properties: {name: {}}, "
            + "additionalProperties: false}]}"
        #expect(try !SchemaTrial.accepts(#"{"id":1,"name":"x"}"#, alternatives, others: others))
    }

    @Test func anExtensionOfAnAlternativeIsNoContradiction() throws {
        let others = [
            "Flat": "{type: object, properties: {id: {type: integer}}}",
            "Full": "{allOf: [{$ref: '#/components/schemas/Flat'}, {required: [name]}]}",
            "Other": "{type: object}",
        ]
        let chain = "{oneOf: [{$ref: '#/components/schemas/Flat'}, {$ref: '#/components/schemas/Full'}]}"
        #expect(try SchemaTrial.accepts(#"{"id":1,"name":"x"}"#, chain, others: others))
        let clash = "{oneOf: [{$ref: '#/components/schemas/Flat'}, {$ref: '#/components/schemas/Other'}]}"
        #expect(
            try SchemaTrial.findings(#"{"id":1}"#, clash, others: others)
                == ["|oneOf|fits 2 of the alternatives where exactly one must fit"])
    }

    @Test func whatFitsSeveralIsOfTheOneThatKnowsItsMembers() throws {
        let others = [
            "More": "{type: object, properties: {more: {type: integer}}}",
            "ById": "{allOf: [{type: object, properties: {id: {type: string, nullable: true}}}, "
                + "{$ref: '#/components/schemas/More'}]}",
            "ByMail":
                "{allOf: [{$ref: '#/components/schemas/More'}, {type: object, properties: {mail: {type: string}}}]}",
        ]
        let union = "{oneOf: [{$ref: '#/components/schemas/ById'}, {$ref: '#/components/schemas/ByMail'}]}"
        for valid in [#"{"id":"1"}"#, #"{"mail":"a","more":1}"#, #"{"mail":"a","id":null}"#] {
            #expect(try SchemaTrial.accepts(valid, union, others: others), "\(valid)")
        }
        for unclear in ["{}", #"{"more":1}"#, #"{"id":"1","mail":"a"}"#] {
            #expect(
                try SchemaTrial.findings(unclear, union, others: others)
                    == ["|oneOf|fits 2 of the alternatives where exactly one must fit"], "\(unclear)")
        }
    }

    @Test func recursiveSchemas() throws {
        let tree =
            "{type: object, required: [value], properties: {value: {type: integer}, "
            + "children: {type: array, items: {$ref: '#/components/schemas/Subject'}}}}"
        #expect(try SchemaTrial.findings(#"{"value":1,"children":[{"value":2,"children":[{"value":3}]}]}"#, tree) == [])
        #expect(
            try SchemaTrial.findings(#"{"value":1,"children":[{"value":2,"children":[{"value":"3"},{}]}]}"#, tree) == [
                "children[0].children[0].value|type|must be an integer, got a string",
                "children[0].children[1].value|required|is required",
            ])
    }

    @Test func impossibleDocumentsAreRefused() {
        func error(_ schema: String, others: [String: String] = [:]) -> ContractError? {
            do {
                _ = try SchemaTrial.document(schema, others: others)
                return nil
            } catch {
                return error as? ContractError
            }
        }
        #expect(
            error("{$ref: '#/components/schemas/Missing'}")
                == .danglingReference("#/components/schemas/Missing", pointer: "#/components/schemas/Subject"))
        #expect(error("{$ref: '#/components/schemas/Subject'}") != nil)
        #expect(error("{properties: {a: {$ref: 'other.yaml#/x'}}}") != nil)
        #expect(
            error("{allOf: [{$ref: '#/components/schemas/Subject'}]}")
                == .invalid(pointer: "#/components/schemas/Subject", reason: "the schema is made of itself"))
        #expect(
            error("{type: text}")
                == .invalid(pointer: "#/components/schemas/Subject/type", reason: "text is not a type"))
        #expect(error("{pattern: '(unclosed'}") != nil)
        #expect(error("[1]") != nil)
        #expect(error("{oneOf: [{}], discriminator: {propertyName: t, mapping: {a: Missing}}}") != nil)
    }

    @Test func findingsAreCappedAndInOrder() throws {
        let schema = "{type: array, items: {type: object, required: [user_id], properties: {user_id: {type: string}}}}"
        let findings = try SchemaTrial.findings("[" + (0..<500).map { _ in "{}" }.joined(separator: ",") + "]", schema)
        #expect(findings.count == 50)
        #expect(findings.first == "[0].user_id|required|is required")
        #expect(findings.last == "[49].user_id|required|is required")
        #expect(
            try SchemaTrial.findings(#"[{"user_id":"a"},{"user_id":3}]"#, schema)
                == ["[1].user_id|type|must be a string, got a number"])
    }

    /// Without a budget, each level would multiply the work by four: it would never end.
    @Test(.timeLimit(.minutes(5))) func alternativesWithinAlternativesEnd() throws {
        let schema =
            "{anyOf: ["
            + Array(repeating: "{type: array, items: {$ref: '#/components/schemas/Subject'}}", count: 4)
            .joined(separator: ", ") + "]}"
        let text = String(repeating: "[", count: 60) + "1" + String(repeating: "]", count: 60)
        #expect(try SchemaTrial.findings(text, schema) != [])
    }
}
