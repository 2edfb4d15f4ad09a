import Contract
import HTTPTypes
import JSON
import TestSupport
import Testing

@testable import Gateway

/// What is said of a body, and what it is.
@Suite struct ContentTests {
    private func coding(_ field: String?) throws -> ContentCoding {
        var headers = HTTPFields()
        headers[.contentEncoding] = field
        return try ContentCoding(headers)
    }

    @Test func codingsHaveTheirNamesInAnyCase() throws {
        for field in [nil, "", "identity", "Identity, identity"] { #expect(try coding(field) == .identity) }
        for field in ["gzip", "GZIP", "x-gzip", " X-Gzip ", "identity,gzip"] { #expect(try coding(field) == .gzip) }
    }

    @Test(arguments: ["br", "gzip, gzip", "utf-8", "gzip\u{301}", "deflate"])
    func otherCodingsAreRefused(_ field: String) {
        let error = #expect(throws: APIError.self) { try coding(field) }
        #expect(error?.status == .unsupportedMediaType && error?.headers[.acceptEncoding] == "gzip")
    }

    @Test(arguments: [
        "application/json; charset=utf-8", "text/plain;charset=UTF-8", "text/csv; charset=\"utf8\"; header=present",
        "text/plain; charset=us-ascii", "text/plain; charset=", "a/b; charset='utf-8'", "a/b; x; charset = utf-8 ; y",
        "application/json;", "multipart/form-data; boundary=x",
    ])
    func textIsUTF8(_ field: String) throws {
        #expect(try DeclaredType(field).essence == field.prefix { $0 != ";" })
    }

    @Test(arguments: [
        "application/json; charset=iso-8859-1", "text/plain;CHARSET=UTF-16", "a/b; charset=\"Latin1\"",
        "a/b; foo; charset=latin1", "a/b;charset =\tlatin1", "a/b; charset='latin1'", "a/b;;;charset='",
    ])
    func otherCharsetsAreRefused(_ field: String) {
        #expect(throws: APIError.self) { try DeclaredType(field) }
    }

    private static let takesLines = ["application/json", "application/x-ndjson"]

    private func recognized(
        _ text: String, _ type: String?, lines: Bool = false
    ) throws -> (type: String, text: String) {
        let content = (lines ? Self.takesLines : ["application/json"]).joined(separator: ": {}, ")
        let yaml = """
            openapi: 3.0.3
            info: {title: T, version: '1'}
            servers: [{url: 'https://host.example/'}]
            paths: {/t: {post: {operationId: t, requestBody: {content: {\(content): {}}}, responses: {'200': {description: d}}}}}
            """
        let contract = try ContractDocument(yaml: Array(yaml.utf8), name: "t")
        let expected = try #require(contract.operations.first?.requestBody)
        let body = try RecognizedBody(Array(text.utf8), DeclaredType(type), expected: expected)
        return (body.mediaType, String(decoding: body.bytes, as: UTF8.self))
    }

    @Test(arguments: [
        "text/plain;charset=UTF-8", "application/json", "", nil, "application/x-www-form-urlencoded", "x",
    ])
    func oneValueIsJSON(_ type: String?) throws {
        for text in [#"{"a":1}"#, "[1]", " \n{}"] {
            #expect(try recognized(text, type) == ("application/json", text))
            #expect(try recognized("\u{FEFF}" + text, type) == ("application/json", text))
        }
    }

    @Test(arguments: [
        ("{}\n{}", "application/json", true), ("{}\r\n\r\n {}", "application/json", true),
        ("{}", "application/json", false),
        ("{\n}", "application/json", false), ("{\"a\":[{}\n]}", "", false), ("{}", "text/plain", true),
        ("[1]\n{}", "application/x-ndjson", true), ("[{}\n,{}]", "application/x-ndjson", false),
        ("[{}]", "application/x-ndjson", false), ("oops\n{}", "application/x-ndjson", true),
        ("[{},\n{}]", "text/plain", false),
        ("{}{}", "application/json", false), ("{}", "application/jsonl", true),
        ("a=1", "application/x-www-form-urlencoded", true), ("{\n}", "text/plain", false),
        ("\n{\"a\":\n\"}\"\n}\n", "application/x-www-form-urlencoded", false), ("{\n}", "application/jsonl", true),
        ("{\"a\":{},\n\"b\":{}}", "", false), ("{\"a\":{},\n\"b\":{}}", "text/html", false),
        ("{\"a\":\"x\n{\"a\":\"b\"}\n{\"a\":\"c\"}", "text/plain;charset=UTF-8", true),
        ("{\"a\":\"x\n{\"a\":1}\n{\"a\":\"c\"}\n", "application/octet-stream", true),
        ("{\"a\":{\"k\":1}\n{\"a\":1}\n{\"a\":2}", "text/plain", true), ("{\n},{\n}", "text/plain", true),
        ("{\"a\":\"\\\"{\"}\noops", "text/plain", true), ("{\"a\":NaN}", "text/plain", true),
    ])
    func linesAreToldFromLists(_ text: String, _ type: String, _ areLines: Bool) throws {
        #expect(
            try recognized(text, type, lines: true).type == (areLines ? "application/x-ndjson" : "application/json"))
    }

    @Test func anObjectOverSeveralLinesIsAListOfOne() throws {
        let text = "{\n  \"a\": 1\n}"
        #expect(try recognized(text, "text/plain", lines: true) == ("application/json", "[\(text)]"))
        #expect(try recognized(text, "text/plain") == ("application/json", text))
    }

    @Test(arguments: [
        ("a=1&b=x+y%26", #"{"a":"1","b":"x y&"}"#), ("m[p]=pro&m[q][r]=s", #"{"m":{"p":"pro","q":{"r":"s"}}}"#),
        ("t[]=a&t[]=b", #"{"t":["a","b"]}"#), ("m=%7B%22a%22%3A1.50%7D&n=%5B1%5D", #"{"m":{"a":1.50},"n":[1]}"#),
        ("data=%7B%22a%22%3A1%7D", #"{"a":1}"#), ("%7B%22a%22%3A%22b%26c%3D%22%7D", #"{"a":"b&c="}"#),
        ("only=%5B1%5D", #"{"only":[1]}"#), ("a[=1&b]=2&[c]=3", #"{"a[":"1","b]":"2","[c]":"3"}"#),
        ("m=%7Bx&n=", #"{"m":"{x","n":""}"#),
        ("a=1&a=2", #"{"a":"2"}"#), ("=%5B,", #"{"":"[,"}"#), ("=1&=2&a[]=", #"{"":"2","a":[""]}"#),
    ])
    func formsStandForObjects(_ form: String, _ json: String) throws {
        #expect(try recognized(form, "application/x-www-form-urlencoded") == ("application/json", json))
    }

    @Test func partsStandForObjectsToo() throws {
        let parts = [("a", "1"), ("m[p]", "é")].map {
            "--x\r\nContent-Disposition: form-data; name=\"\($0)\"\r\n\r\n\($1)\r\n"
        }
        let (type, text) = try recognized(parts.joined() + "--x--\r\n", "multipart/form-data; boundary=x")
        #expect(type == "application/json" && text == #"{"a":"1","m":{"p":"é"}}"#)
    }

    @Test(arguments: ["<a/>", "hello", "a=1"])
    func whatIsNothingKeepsItsType(_ text: String) throws {
        #expect(try recognized(text, "text/xml").type == "text/xml")
    }

    @Test func namesOfFieldsAreLookedUpNotSearched() throws {
        func form(_ count: Int) -> String {
            let name = String(repeating: "n", count: 400)
            return (0..<count).map { "\(name)\($0)=1&t[]=\($0)" }.joined(separator: "&")
        }
        let (few, many) = (form(99), form(990))
        let type = "application/x-www-form-urlencoded"
        let fewSeconds = try processorSeconds { _ = try recognized(few, type) }
        let manySeconds = try processorSeconds { _ = try recognized(many, type) }
        // Ten times as many; a hundred times the work if each were compared with all.
        #expect(manySeconds < fewSeconds * 30)
        #expect(try recognized("a=1&b[x]=1&a=2&b[y]=2&b[x]=3", type).text == #"{"a":"2","b":{"x":"3","y":"2"}}"#)
    }

    @Test func formsHaveBounds() {
        let many = (0...2_000).map { "a\($0)=1" }.joined(separator: "&")
        let deep = "a" + String(repeating: "[b]", count: 20) + "=1"
        let large = "a=" + String(repeating: "x", count: 1_100_000)
        for form in [many, deep, large] {
            #expect(throws: APIError.self) { try recognized(form, "application/x-www-form-urlencoded") }
        }
    }
}
