import JSON
import TestSupport
import Testing

@Suite struct JSONErrorTests {
    private func error(_ text: String, limits: JSONLimits = .standard) -> JSONError? {
        error(Array(text.utf8), limits: limits)
    }

    private func error(_ bytes: [UInt8], limits: JSONLimits = .standard) -> JSONError? {
        do throws(JSONError) {
            _ = try JSONDocument(parsing: bytes, limits: limits)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: ["", " ", "\n\t\r\n"])
    func emptyTexts(text: String) {
        #expect(error(text) == .empty)
    }

    @Test(arguments: [
        (#"{"a":1"#, JSONDefect.truncated, "a", 6), (#"["#, .truncated, "[0]", 1), (#"{"#, .truncated, "", 1),
        (#"{"a""#, .truncated, "a", 4), (#"{"a":"#, .truncated, "a", 5), (#"[1,"#, .truncated, "[1]", 3),
        (#"[}"#, .unexpectedCharacter, "[0]", 1), (#"{"a":}"#, .unexpectedCharacter, "a", 5),
        (#"[1,]"#, .unexpectedCharacter, "[1]", 3), (#"hello"#, .unexpectedCharacter, "", 0),
        (#"['x']"#, .unexpectedCharacter, "[0]", 1), (#"[tru]"#, .badLiteral, "[0]", 1),
        (#"[truex]"#, .badLiteral, "[0]", 1), (#"[nul"#, .badLiteral, "[0]", 1),
        (#"[nullnull]"#, .badLiteral, "[0]", 1),
        (#"{"a":{"b":[0,01]}}"#, .badNumber, "a.b[1]", 13), (#"{"a":"\x"}"#, .badEscape, "a", 6),
        (#"["\u12g4"]"#, .badEscape, "[0]", 2), (#"["\u12"]"#, .badEscape, "[0]", 2),
        (#"["\ud800"]"#, .loneSurrogate, "[0]", 2), (#"["\ud800\u0041"]"#, .loneSurrogate, "[0]", 2),
        (#"["\udc00"]"#, .loneSurrogate, "[0]", 2), (#"["ok\ud83d\ud83d"]"#, .loneSurrogate, "[0]", 4),
        ("[\"a\nb\"]", .controlCharacter, "[0]", 3), (#"{"a":["x"#, .unclosedString, "a[0]", 6),
        (#"["x\"]"#, .unclosedString, "[0]", 1), (#"{} {}"#, .trailingContent, "", 3),
        (#"1 2"#, .trailingContent, "", 2),
        (#"[1]]"#, .trailingContent, "", 3), (#"{1:2}"#, .expectedKey, "", 1), (#"{"a":1,}"#, .expectedKey, "", 7),
        (#"{"a":1,,"b":2}"#, .expectedKey, "", 7), (#"{"a" 1}"#, .expectedColon, "a", 5),
        (#"{"a","b"}"#, .expectedColon, "a", 4), (#"[1 2]"#, .expectedComma, "[0]", 3),
        (#"{"a":1 "b":2}"#, .expectedComma, "a", 7), (#"[1}"#, .expectedComma, "[0]", 2),
        (#"["a""b"]"#, .expectedComma, "[0]", 4), (#"["a"b]"#, .expectedComma, "[0]", 4),
        ("[1]\u{0C}", .trailingContent, "", 3), ("[1,\u{1A}2]", .unexpectedCharacter, "[1]", 3),
    ])
    func malformedTexts(text: String, defect: JSONDefect, path: String, offset: Int) {
        #expect(error(text) == .malformed(defect, path: path, offset: offset))
    }

    @Test(
        arguments: [
            [0xFF], [0xC0, 0x80], [0xC3], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80],
            [0xF4, 0x90, 0x80, 0x80],
            [0x80], [0xE0, 0x9F, 0x80], [0xF0, 0x8F, 0x80, 0x80],
        ] as [[UInt8]])
    func illFormedUTF8(bytes: [UInt8]) {
        let text = Array(#"{"users":[{"name":"é"#.utf8) + bytes + Array(#""}]}"#.utf8)
        #expect(error(text) == .invalidUTF8(path: "users[0].name", offset: 21))
    }

    @Test func nulCharacters() {
        #expect(error(#"{"a":["x\u0000"]}"#) == .nulCharacter(path: "a[0]"))
        #expect(error(#"{"a":{"b\u0000":1}}"#) == .nulCharacter(path: "a"))
        #expect(error("{\"a\":\"x\0\"}") == .nulCharacter(path: "a"))
        #expect(error(#"{"a":"\\u0000"}"#) == nil)
        #expect(error([0]) == .malformed(.unexpectedCharacter, path: "", offset: 0))
    }

    @Test func depth() {
        let limits = JSONLimits(maxDepth: 3)
        #expect(error("[[[1]]]", limits: limits) == nil)
        #expect(error("[[[[1]]]]", limits: limits) == .tooDeep(limit: 3, path: "[0][0][0]"))
        #expect(error(#"{"a":{"b":[{}]}}"#, limits: limits) == .tooDeep(limit: 3, path: "a.b[0]"))
        #expect(error("1", limits: JSONLimits(maxDepth: 0)) == nil)
        let hostile = String(repeating: "[", count: 2_000_000)
        #expect(error(hostile) == .tooDeep(limit: 64, path: String(repeating: "[0]", count: 64)))
        let objects = String(repeating: #"{"a":"#, count: 500_000)
        #expect(error(objects)?.message.hasPrefix("nested more than 64 levels deep (in a.a.a.") == true)
    }

    @Test func numberOfValues() {
        let limits = JSONLimits(maxValues: 4)
        #expect(error("[1,2,3]", limits: limits) == nil)
        #expect(error("[1,2,3,4]", limits: limits) == .tooManyValues(limit: 4, path: "[3]"))
        #expect(error(#"{"a":[1,2],"b":{}}"#, limits: limits) == .tooManyValues(limit: 4, path: "b"))
    }

    @Test func duplicateKeys() {
        #expect(error(#"{"a":1,"a":2}"#) == .duplicateKey(path: "a"))
        #expect(error(#"{"a":1,"\u0061":2}"#) == .duplicateKey(path: "a"))
        #expect(error(#"[{"x":{"b":1,"c":[],"b":2}}]"#) == .duplicateKey(path: "[0].x.b"))
        #expect(error(#"{"":1,"":2}"#) == .duplicateKey(path: #"[""]"#))
        #expect(error(#"{"a":1,"A":2,"a ":3}"#) == nil)
        #expect(error(#"[{"a":1},{"a":2}]"#) == nil)
        #expect(error(#"{"a":{"a":{"a":1}}}"#) == nil)
        for count in [2, 15, 16, 17, 18, 100] {
            var keys = (0..<count).map { "key\($0)" }
            #expect(error("{" + keys.map { "\"\($0)\":[1,{}]" }.joined(separator: ",") + "}") == nil)
            keys[count - 1] = "key0"
            #expect(
                error("{" + keys.map { "\"\($0)\":[1,{}]" }.joined(separator: ",") + "}") == .duplicateKey(path: "key0")
            )
        }
    }

    @Test func aMillionKeysInLinearTime() {
        func text(_ count: Int) -> [UInt8] {
            Array(("{" + (0..<count).map { "\"k\($0)\":0" }.joined(separator: ",") + "}").utf8)
        }
        let million = text(999_999)
        let hundredth = text(9_999)
        let few = processorSeconds { for _ in 0..<10 { #expect(error(hundredth) == nil) } }
        let many = processorSeconds { #expect(error(million) == nil) }
        // Ten times as many; a thousand times the work if each were compared with all.
        #expect(many < few * 200)
        #expect(error(text(1_000_000)) == .tooManyValues(limit: 1_000_000, path: "k999999"))
        let last = Array((String(decoding: million.dropLast(), as: UTF8.self) + #","k5":1}"#).utf8)
        #expect(error(last, limits: JSONLimits(maxValues: 2_000_000)) == .duplicateKey(path: "k5"))
    }

    @Test func onlyKeysOnTheWayToAFaultAreRead() {
        #expect(error(#"{"\u0061b":{"x":1,"é\n":[{"y":2},{"z\"":NaN}]}}"#)?.path == #"ab["é\n"][1]["z\""]"#)
        #expect(error(#"{"a":{"b":1},"c":{},"d":NaN}"#)?.path == "d")
        #expect(error(#"{"a":{"b":1},"c" 1}"#)?.path == "c")
        func broken(_ element: String, _ open: String, _ close: String) -> [UInt8] {
            Array((open + Array(repeating: element, count: 50_000).joined(separator: ",") + ",NaN" + close).utf8)
        }
        let (keys, texts) = (broken(#""a":"bcd""#, "[{", "}]"), broken(#""a","bcd""#, "[", "]"))
        let without = processorSeconds { #expect(error(texts)?.path == "[100000]") }
        let with = processorSeconds { #expect(error(keys) != nil) }
        #expect(with < without * 3)
    }

    @Test func messagesNameThePlace() {
        #expect(
            error(#"{"users":[{"id":1},{"id":tru}]}"#)?.message
                == "malformed JSON at byte 25 (in users[1].id): expected true, false or null")
        #expect(error(#"{"a.b":{"":[01]}}"#)?.path == #"["a.b"][""][0]"#)
        #expect(error("")?.message == "the JSON document is empty")
        #expect(error(#"{"a":1,"a":2}"#)?.message == "the same key appears twice in one object (in a)")
        let long = String(repeating: "k", count: 1000)
        #expect((error("{\"\(long)\":x}")?.path.count ?? 0) < 100)
    }

    @Test func afterAnErrorTheParserIsAsGoodAsNew() throws {
        for _ in 0..<100 {
            #expect(error(#"{"a":[1,{"b":"#) != nil)
            #expect(try JSONDocument(parsing: #"{"a":"\n"}"#).root["a"]?.string == "\n")
        }
    }
}
