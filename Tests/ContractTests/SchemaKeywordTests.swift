import Contract
import Testing

@Suite struct SchemaKeywordTests {
    @Test(arguments: [
        ("{type: string}", #""x""#, ["1", "null", "[]", "{}", "true"]),
        ("{type: integer}", "3", ["3.5", #""3""#, "18446744073709551615", "1e30"]),
        ("{type: integer}", "3.0", ["null"]), ("{type: integer}", "-9223372036854775808", ["9223372036854775808"]),
        ("{type: number}", "1.5", [#""1.5""#, "null"]), ("{type: number}", "18446744073709551615", ["[]"]),
        ("{type: boolean}", "false", ["0", #""true""#]), ("{type: array}", "[1]", ["{}"]),
        ("{type: object}", "{}", ["[]"]), ("{type: string, nullable: true}", "null", ["1"]),
        ("{}", #"{"any": [1]}"#, []),
        ("{enum: [a, b]}", #""a""#, [#""c""#, #""A""#, "null", "1"]),
        ("{enum: [1, 2.5, null]}", "1.0", ["2", #""1""#]),
        ("{enum: [1, 2.5, null]}", "null", ["false"]),
        ("{enum: [{a: 1, b: [2]}]}", #"{"b":[2.0],"a":1}"#, [#"{"a":1}"#]),
        ("{type: string, nullable: true, enum: [a]}", "null", [#""b""#]),
        ("{type: string, enum: [a, null]}", "null", ["1"]),
        ("{minimum: 2, maximum: 4}", "2", ["1", "4.001", "-5"]), ("{minimum: 2}", #""not a number""#, []),
        ("{minimum: 2, exclusiveMinimum: true}", "2.1", ["2"]), ("{maximum: 2, exclusiveMaximum: true}", "1", ["2"]),
        ("{maximum: 9223372036854775806}", "9223372036854775806", ["9223372036854775807"]),
        ("{multipleOf: 5}", "10", ["11", "2.5"]), ("{multipleOf: 0.01}", "19.99", ["19.995"]),
        ("{multipleOf: 0.1}", "0.3", ["0.35"]), ("{multipleOf: 2.5}", "7.5", ["7"]),
        ("{minLength: 2, maxLength: 3}", #""éé""#, [#""é""#, #""abcd""#]), ("{maxLength: 2}", #""😀😀""#, [#""😀😀😀""#]),
        ("{minLength: 1}", #"" ""#, [#""""#]),
        ("{pattern: '^[0-9a-z]{1,2}$'}", #""a1""#, [#""A""#, #""abc""#, #""""#, #""a\n""#]),
        ("{pattern: 'b'}", #""abc""#, [#""ac""#]), ("{pattern: '^\\d+$'}", #""12""#, [#""١٢""#, #""a""#]),
        ("{pattern: '^(http|https)://'}", #""https://x""#, [#""ftp://x""#]),
        ("{type: array, minItems: 1, maxItems: 2}", "[1]", ["[]", "[1,2,3]"]),
        ("{type: array, items: {type: integer}}", "[1,2]", [#"[1,"x"]"#, "[null]"]),
        (
            "{type: array, uniqueItems: true}", #"[1,"1",[1],{"a":1},{"a":2}]"#,
            ["[1,1.0]", #"[{"a":1,"b":2},{"b":2,"a":1}]"#]
        ),
        ("{minProperties: 1, maxProperties: 2}", #"{"a":1}"#, ["{}", #"{"a":1,"b":2,"c":3}"#]),
        ("{required: [a, b]}", #"{"a":null,"b":1}"#, [#"{"a":1}"#, "{}"]),
        ("{properties: {a: {type: integer}}}", #"{"b":"x"}"#, [#"{"a":"x"}"#]),
        ("{properties: {a: {}}, additionalProperties: false}", #"{"a":1}"#, [#"{"b":1}"#, #"{"a":1,"aa":2}"#]),
        ("{additionalProperties: {type: string}}", #"{"a":"x"}"#, [#"{"a":1}"#]),
        (
            "{patternProperties: {'^x-': {type: integer}}, additionalProperties: false}", #"{"x-a":1}"#,
            [#"{"x-a":"b"}"#, #"{"y":1}"#]
        ),
        ("{allOf: [{minimum: 1}, {maximum: 3}]}", "2", ["0", "4"]),
        ("{anyOf: [{type: string}, {minimum: 5}]}", "6", ["4"]),
        ("{anyOf: [{type: string}, {minimum: 5}]}", #""x""#, []),
        (
            "{oneOf: [{type: integer}, {type: string, enum: [unlimited]}]}", #""unlimited""#,
            [#""other""#, "1.5", "null"]
        ),
        ("{oneOf: [{minimum: 1}, {maximum: 3}]}", "0", ["2"]),
        ("{not: {type: string}}", "1", [#""x""#]),
        (
            "{format: date}", #""2024-02-29""#,
            [#""2023-02-29""#, #""2024-13-01""#, #""2024-1-1""#, #""2024-04-31""#, #""x""#]
        ),
        (
            "{format: date-time}", #""2024-05-31T12:30:00Z""#,
            [#""2024-05-31""#, #""2024-05-31T25:00:00Z""#, #""2024-05-31T12:30:00""#, #""2024-05-31T12:30:00.Z""#]
        ),
        ("{format: date-time}", #""2023-08-16T09:22:44.123+03:00""#, [#""2023-08-16T09:22:44+24:00""#]),
        (
            "{format: email}", #""a.b+c@example.com""#,
            [#""a""#, #""@b.c""#, #""a@""#, #""a b@c.d""#, #""a@b@c""#, #""a@b..c""#]
        ),
        (
            "{format: uri}", #""https://example.com/a?b=c#d""#,
            [#""/relative""#, #""http://a b""#, #"":x""#, #""1http:x""#]
        ),
        (
            "{format: uuid}", #""664314e1-ee60-48eb-A36A-5f38f4c524f1""#,
            [#""664314e1ee6048eba36a5f38f4c524f1""#, #""x""#]
        ),
        ("{format: ip-address}", #""192.168.0.1""#, [#""1.1.1""#, #""::1::""#, #""::1/64""#]),
        ("{format: ip-address}", #""2001:db8::1""#, [#""""#]),
        ("{format: ipv4}", #""192.168.0.1""#, [#""256.1.1.1""#, #""1.1.1""#, #""01.1.1.1""#, #""1.1.1.1.1""#]),
        (
            "{format: ipv6}", #""2001:db8::1""#,
            [#""2001:db8::1::2""#, #""1:2:3""#, #""12345::""#, #""1:2:3:4:5:6:7:8:9""#]
        ),
        ("{format: ipv6}", #""::ffff:192.168.0.1""#, [#""::ffff:192.168.0.300""#, #"":""#]),
        ("{type: integer, format: int32}", "2147483647", ["2147483648", "-2147483649"]),
        ("{type: integer, format: int64}", "9223372036854775807", ["9223372036854775808"]),
        ("{format: something-else}", #""anything""#, []),
    ])
    func keywords(schema: String, good: String, bad: [String]) throws {
        #expect(try SchemaTrial.findings(good, schema) == [])
        for text in bad { #expect(try SchemaTrial.findings(text, schema) != [], "\(text) by \(schema)") }
    }

    @Test(arguments: [
        ("{type: [string, 'null']}", "null", ["1"]), ("{type: [integer, string]}", #""x""#, ["1.5", "null"]),
        ("{const: 3}", "3.0", ["4", #""3""#]), ("{const: {a: []}}", #"{"a":[]}"#, ["{}"]),
        ("{exclusiveMinimum: 2}", "2.1", ["2"]), ("{exclusiveMaximum: 2}", "1", ["2", "3"]),
        ("{minimum: 5, exclusiveMinimum: 2}", "5", ["4"]),
        ("{$ref: '#/components/schemas/Short', minLength: 2}", #""ab""#, [#""a""#, #""abcd""#]),
        ("false", "", []),
    ])
    func keywordsOfVersion31(schema: String, good: String, bad: [String]) throws {
        let others = ["Short": "{maxLength: 3}"]
        if schema == "false" {
            #expect(try !SchemaTrial.accepts("1", schema, version: "3.1.0"))
            return
        }
        #expect(try SchemaTrial.findings(good, schema, others: others, version: "3.1.0") == [])
        for text in bad { #expect(try !SchemaTrial.accepts(text, schema, others: others, version: "3.1.0")) }
    }

    @Test func readOnlyMembersDoNotCountInRequests() throws {
        let schema =
            "{properties: {id: {$ref: '#/components/schemas/Id'}, secret: {type: string, writeOnly: true}}, "
            + "required: [id, secret], additionalProperties: false}"
        let others = ["Id": "{type: integer, readOnly: true}"]
        #expect(try SchemaTrial.findings(#"{"secret":"x"}"#, schema, others: others) == [])
        #expect(try SchemaTrial.findings(#"{"secret":"x","id":"anything"}"#, schema, others: others) == [])
        #expect(
            try SchemaTrial.findings(#"{"secret":"x","id":"no"}"#, schema, others: others, as: .response)
                == ["id|type|must be an integer, got a string"])
        #expect(
            try SchemaTrial.findings("{}", schema, others: others, as: .response) == ["id|required|is required"])
    }

    @Test func moreThanSixtyFourRequiredKeys() throws {
        let names = (0..<80).map { "k\($0)" }
        let schema = "{required: [\(names.joined(separator: ", "))]}"
        let all = "{" + names.map { "\"\($0)\":1" }.joined(separator: ",") + "}"
        #expect(try SchemaTrial.accepts(all, schema))
        let findings = try SchemaTrial.findings(#"{"k0":1}"#, schema)
        #expect(findings.count == 50)
        #expect(
            try SchemaTrial.findings(all.replacing("\"k79\"", with: "\"x\""), schema) == ["k79|required|is required"])
        #expect(try SchemaTrial.findings(all.replacing("\"k5\"", with: "\"x\""), schema) == ["k5|required|is required"])
    }
}
