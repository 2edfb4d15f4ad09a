import Contract
import JSON
import Testing

@Suite struct ParameterTests {
    private func operation(_ parameters: String) throws -> ContractOperation {
        let yaml =
            "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n  /x:\n    get:\n      operationId: get\n"
            + "      responses: {}\n      parameters: [\(parameters)]\n"
        return try #require(try ContractDocument(yaml: Array(yaml.utf8), name: "t").operation("get"))
    }

    /// The decoded query as JSON, or the findings.
    private func decode(_ query: String, _ parameters: String, headers: [(String, String)] = []) throws -> String {
        let raw = RawParameters(
            query: RawParameters.query(query), headers: headers.map { (name: $0.0, value: $0.1) })
        switch try operation(parameters).decodeParameters(raw) {
        case .success(let values): return values.query["p"]?.rawText ?? "absent"
        case .failure(let violations):
            return violations.all.map { "\($0.location.rawValue) \($0)" }.joined(separator: "; ")
        }
    }

    @Test(arguments: [
        ("p=5", "{type: integer}", "5"), ("p=-5", "{type: integer}", "-5"), ("p=", "{type: integer}", "absent"),
        ("", "{type: integer, default: 50}", "50"), ("p=&p=7", "{type: integer, default: 50}", "7"),
        ("p", "{type: integer}", "absent"),
        ("p=abc", "{type: integer}", #"query p must be an integer, got "abc""#),
        ("p=1.5", "{type: integer}", "query p must be an integer, got 1.5"),
        ("p=007", "{type: integer}", #"query p must be an integer, got "007""#),
        ("p=99999999999999999999", "{type: integer}", "query p must be an integer of at most 64 bits"),
        ("p=501", "{type: integer, maximum: 500}", "query p must be at most 500, got 501"),
        ("p=1&p=2", "{type: integer}", "query p must be given once only"),
        ("p=1.5", "{type: number}", "1.5"), ("p=true", "{type: boolean}", "true"),
        ("p=yes", "{type: boolean}", #"query p must be true or false, got "yes""#),
        ("p=5", "{type: string}", #""5""#), ("p=null", "{type: string, nullable: true}", #""null""#),
        ("p=a%20b+c%26", "{type: string}", #""a b c&""#), ("p=email==x%3D", "{type: string}", #""email==x=""#),
        ("p=%zz", "{type: string}", #""%zz""#), ("p=%22%5C", "{type: string}", #""\"\\""#),
        ("p=a%CC%81,b", "{type: array, items: {type: string}}", "[\"a\u{301},b\"]"),
        ("p%5B%5D=a&p%5B%5D%CC%81=b", "{type: array, items: {type: string}}", #"["a"]"#),
        ("p=a&p=b", "{type: array, items: {type: string}}", #"["a","b"]"#),
        ("p=a,b", "{type: array, items: {type: string}}", #"["a,b"]"#),
        ("p[]=1&p[]=2", "{type: array, items: {type: integer}}", "[1,2]"),
        ("p%5B0%5D=1&p[1]=2", "{type: array, items: {type: integer}}", "[1,2]"),
        ("p=1&p=&p=2", "{type: array, items: {type: integer}}", #"query p[1] must be an integer, got """#),
        ("p[]=", "{type: array, items: {type: string, enum: [a]}}", #"query p[0] must be "a", got """#),
        ("p[]=a&p[]=", "{type: array, items: {type: string, enum: [a]}}", #"query p[1] must be "a", got """#),
        ("p[0]=", "{type: array, items: {type: integer}}", #"query p[0] must be an integer, got """#),
        ("p[]=", "{type: array, items: {type: string}}", #"[""]"#),
        ("p=", "{type: array, items: {type: string, enum: [a]}}", "absent"),
        ("p=", "{type: string, enum: [a]}", "absent"),
        (
            "p=a&p=z", "{type: array, items: {type: string, enum: [a, b]}}",
            #"query p[1] must be one of "a", "b", got "z""#
        ),
        ("p[x]=1", "{type: array, items: {type: integer}}", "absent"), ("pp=1&P=2", "{type: integer}", "absent"),
        ("p=5", "{oneOf: [{type: integer}, {type: string}]}", "5"),
        ("p=x", "{oneOf: [{type: integer}, {type: string}]}", #""x""#),
    ])
    func queries(query: String, schema: String, expected: String) throws {
        #expect(try decode(query, "{name: p, in: query, schema: \(schema)}") == expected)
    }

    @Test(arguments: [
        ("p=a,b", "style: form, explode: false, schema: {type: array, items: {type: string}}", #"["a","b"]"#),
        ("p=1,,2", "explode: false, schema: {type: array, items: {type: integer}}", "[1,2]"),
        (
            "p=a%7Cb", "style: pipeDelimited, explode: false, schema: {type: array, items: {type: string}}",
            #"["a","b"]"#
        ),
        (
            "p=a%20b", "style: spaceDelimited, explode: false, schema: {type: array, items: {type: string}}",
            #"["a","b"]"#
        ),
        (
            "p[a]=1&p[b]=x&p[]=y", "style: deepObject, schema: {type: object, properties: {a: {type: integer}}}",
            #"{"a":1,"b":"x","":"y"}"#
        ),
        ("a=1&b=x&c=z", "schema: {type: object, properties: {a: {type: integer}, b: {}}}", #"{"a":1,"b":"x"}"#),
        ("p=a,1,b,x", "explode: false, schema: {type: object, properties: {a: {type: integer}}}", #"{"a":1,"b":"x"}"#),
    ])
    func styles(query: String, rest: String, expected: String) throws {
        #expect(try decode(query, "{name: p, in: query, \(rest)}") == expected)
    }

    @Test func requiredOnes() throws {
        let required = "{name: p, in: query, required: true, schema: {type: string}}"
        #expect(try decode("", required) == "query p is required")
        #expect(try decode("p=", required) == "query p is required")
        #expect(try decode("p=x", required) == #""x""#)
    }

    @Test func headersAreCaselessAndThoseOfHTTPAreLeftAlone() throws {
        let parameters =
            "{name: X-Limit, in: header, required: true, schema: {type: integer}}, "
            + "{name: Authorization, in: header, required: true, schema: {type: string}}, "
            + "{name: Content-Type, in: header, required: true, schema: {type: integer}}"
        let operation = try operation(parameters)
        let good = operation.decodeParameters(RawParameters(headers: [("x-limit", "7")]))
        #expect(try good.get().header.integer("X-Limit") == 7)
        let bad = operation.decodeParameters(RawParameters(headers: [("content-type", "x")]))
        #expect(bad.failure?.all.map(\.description) == ["X-Limit is required"])
    }

    @Test func typedAccess() throws {
        let operation = try operation(
            "{name: n, in: query, schema: {type: integer, default: 20}}, {name: s, in: query, schema: {type: string}}, "
                + "{name: b, in: query, schema: {type: boolean, default: false}}, {name: f, in: query, schema: {type: number}}, "
                + "{name: l, in: query, schema: {type: array, items: {type: string}}}, {name: c, in: cookie, schema: {type: string}}"
        )
        let values = try operation.decodeParameters(
            RawParameters(query: RawParameters.query("s=x&f=2&l=a&l=b&unknown=1"), cookies: [("c", "cake")])
        ).get()
        #expect(values.query.integer("n") == 20)
        #expect(!values.query.isGiven("n"))
        #expect(values.query.isGiven("s"))
        #expect(values.query.string("s") == "x")
        #expect(values.query.bool("b") == false)
        #expect(values.query.number("f") == 2)
        #expect(values.query.strings("l") == ["a", "b"])
        #expect(values.query.array("none").isEmpty)
        #expect(values.query["unknown"] == nil)
        #expect(values.cookie.string("c") == "cake")
    }

    @Test func allThatIsWrongIsSaid() throws {
        let operation = try operation(
            "{name: a, in: query, schema: {type: integer}}, {name: b, in: query, required: true, schema: {type: string}}"
        )
        let failure = operation.decodeParameters(RawParameters(query: RawParameters.query("a=x"))).failure
        #expect(failure?.all.map(\.description).sorted() == [#"a must be an integer, got "x""#, "b is required"])
    }
}

extension Result {
    var failure: Failure? {
        if case .failure(let failure) = self { failure } else { nil }
    }
}
