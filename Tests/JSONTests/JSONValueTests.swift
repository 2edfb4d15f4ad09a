import JSON
import Testing

@Suite struct JSONValueTests {
    @Test func literalsAndSubscripts() {
        var value: JSONValue = ["a": 1, "b": [true, nil, 1.5, "x"], "c": ["d": [:]]]
        #expect(value.encodedString == #"{"a":1,"b":[true,null,1.5,"x"],"c":{"d":{}}}"#)
        #expect(value["a"]?.int64 == 1)
        #expect(value["b"]?[2]?.double == 1.5)
        #expect(value["b"]?[9] == nil)
        #expect(value["c"]?["d"]?.object?.isEmpty == true)
        value["a"] = "changed"
        value["z"] = .null
        value["b"] = nil
        #expect(value.encodedString == #"{"a":"changed","c":{"d":{}},"z":null}"#)
        #expect(value["z"]?.isNull == true)
    }

    @Test(arguments: [
        "null", "true", "-5", "1.5", "[]", "{}", #""""#, #"{"b":1,"a":[{"x":"y"}]}"#, "9223372036854775807",
        "18446744073709551615", "123456789012345678901234567890", "0.12345678901234567890123",
    ])
    func roundTrips(text: String) throws {
        #expect(try JSONValue(parsing: text).encodedString == text)
    }

    @Test(arguments: [
        ("1.50", JSONValue.double(1.5)), ("1e2", .double(100)), ("15e-1", .double(1.5)), ("0.1", .double(0.1)),
        ("100000000000000000000", .double(1e20)), ("-0", .double(-0.0)), ("5e-324", .double(.leastNonzeroMagnitude)),
        ("9007199254740993.0", .number("9007199254740993.0")), ("0.10000000000000001", .number("0.10000000000000001")),
        ("1e-999", .number("1e-999")), ("1e-9999", .number("1e-9999")),
    ])
    func keepsTheTextOfNumbersThatWouldLose(text: String, expected: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == expected)
    }

    @Test func escapesExactlyWhatMustBe() throws {
        let value = JSONValue.string("\"\\/\u{8}\u{c}\n\r\t\u{1}\u{1f}\u{7f}é😀\u{2028}")
        #expect(value.encodedString == #""\"\\/\b\f\n\r\t\u0001\u001f"# + "\u{7f}é😀\u{2028}\"")
        #expect(try JSONValue(parsing: value.encoded()) == value)
    }

    @Test func doublesReadBackTheSame() throws {
        for value in [
            0.1, 1e300, Double.leastNonzeroMagnitude, -1.5, 1.0, 123_456_789.125, 1e16, 1e-7,
            Double.greatestFiniteMagnitude,
        ] {
            #expect(try JSONValue(parsing: JSONValue.double(value).encoded()).double == value)
        }
        #expect(JSONValue.double(.infinity).encodedString == "null")
        #expect(JSONValue.double(.nan).encodedString == "null")
    }

    @Test func integersAtTheEnds() {
        #expect(JSONValue.integer(.min).encodedString == "-9223372036854775808")
        #expect(JSONValue.integer(.max).encodedString == "9223372036854775807")
        #expect(JSONValue.integer(0).encodedString == "0")
    }

    @Test func objectsAreEqualInAnyOrder() {
        let first: JSONValue = ["a": 1, "b": ["c": 2, "d": 3]]
        let second: JSONValue = ["b": ["d": 3, "c": 2], "a": 1]
        #expect(first == second)
        #expect(first.hashValue == second.hashValue)
        #expect(first != ["a": 1, "b": ["c": 2, "d": 4]])
        #expect(first != ["a": 1])
    }

    @Test func largeObjectsKeepOrderThroughChanges() {
        var object = JSONObject()
        for number in 0..<1000 { object["k\(number)"] = .integer(Int64(number)) }
        object["k500"] = nil
        object["k3"] = "three"
        object["new"] = true
        #expect(object.count == 1000)
        #expect(object["k500"] == nil)
        #expect(object["k501"] == 501)
        #expect(object.keys.prefix(5) == ["k0", "k1", "k2", "k3", "k4"])
        #expect(object.keys.last == "new")
        #expect(object["k3"] == "three")
    }

    @Test func writesStraightIntoBytes() throws {
        let document = try JSONDocument(parsing: #"{"raw": [1.50, {"k" : null}]}"#)
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("a\n")
        writer.integer(-7)
        writer.key("list")
        writer.beginArray()
        writer.string("x\"")
        writer.beginArray()
        writer.endArray()
        writer.bool(false)
        writer.null()
        writer.double(2.5)
        writer.double(.infinity)
        writer.integer(UInt64.max)
        if let raw = document.root["raw"] { writer.node(raw) }
        writer.value(["v": 1])
        writer.raw(Array("{}".utf8))
        writer.endArray()
        document.root["raw"]?.withKeyUTF8 { writer.key(utf8: $0) }
        Array("é".utf8).withUnsafeBufferPointer { writer.string(utf8: $0) }
        writer.endObject()
        writer.endLine()
        writer.integer(1)
        let expected =
            #"{"a\n":-7,"list":["x\"",[],false,null,2.5,null,18446744073709551615,[1.50, {"k" : null}],{"v":1},{}],"#
            + "\"raw\":\"é\"}\n1"
        #expect(String(decoding: writer.bytes, as: UTF8.self) == expected)
        writer.removeAll()
        writer.bool(true)
        #expect(writer.bytes == Array("true".utf8))
    }

    @Test(arguments: [2, 16, 17, 100])
    func keysAreTheirBytesInObjectsOfAnySize(count: Int) throws {
        let composed = "\u{E9}"
        let decomposed = "e\u{301}"
        var text = #"{"\#(composed)":1,"\#(decomposed)":2"#
        for number in 2..<max(count, 2) { text += ",\"k\(number)\":\(number)" }
        var object = try #require(try JSONValue(parsing: text + "}").object)
        #expect(object.count == count)
        #expect(object[composed] == 1 && object[decomposed] == 2)
        object[composed] = nil
        #expect(object[composed] == nil && object[decomposed] == 2 && object.count == count - 1)
        object[composed] = 3
        #expect(object[composed] == 3 && object[decomposed] == 2 && object.count == count)
    }

    @Test func stringsAndKeysAreEqualWhenTheirBytesAre() {
        let composed: JSONValue = ["\u{C5}": "\u{E9}"]
        #expect(composed != ["\u{212B}": "\u{E9}"] && composed != ["\u{C5}": "e\u{301}"])
        #expect(JSONValue.string("K") != .string("\u{212A}"))
        #expect(Set([JSONValue.string("\u{E9}"), .string("e\u{301}"), .string("\u{E9}")]).count == 2)
        #expect(Set([composed, ["\u{212B}": "\u{E9}"], composed]).count == 2)
        #expect(JSONPathComponent.key("\u{E9}") != .key("e\u{301}"))
    }
}
