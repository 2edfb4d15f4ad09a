import JSON
import Testing

@Suite struct JSONDocumentTests {
    @Test func readsEveryKind() throws {
        let text =
            #" { "n": null, "t": true, "f": false, "i": -42, "u": 18446744073709551615, "d": 1.5e3, "#
            + #""s": "héllo", "a": [1, [], {}], "o": {"x": 1} } "#
        let root = try JSONDocument(parsing: text).root
        #expect(root.kind == .object)
        #expect(root.count == 9)
        #expect(root["n"]?.isNull == true)
        #expect(root["t"]?.bool == true)
        #expect(root["f"]?.bool == false)
        #expect(root["i"]?.int64 == -42)
        #expect(root["u"]?.kind == .unsigned)
        #expect(root["u"]?.int64 == nil)
        #expect(root["u"]?.double == 0x1p64)
        #expect(root["d"]?.double == 1500)
        #expect(root["d"]?.int64 == 1500)
        #expect(root["s"]?.string == "héllo")
        #expect(root["a"]?.count == 3)
        #expect(root["a"]?[0]?.int64 == 1)
        #expect(root["a"]?[1]?.kind == .array)
        #expect(root["a"]?[2]?.kind == .object)
        #expect(root["a"]?[3] == nil)
        #expect(root["a"]?[-1] == nil)
        #expect(root["o"]?["x"]?.int64 == 1)
        #expect(root["missing"] == nil)
        #expect(root["i"]?["x"] == nil)
    }

    @Test(arguments: ["null", "true", "3", "\"x\"", "[]", "{}", "  7  ", "\t[\r\n]"])
    func acceptsAnyValueAsTheDocument(text: String) throws {
        let document = try JSONDocument(parsing: text)
        #expect(document.valueCount == 1)
        let trimmed = text.filter { !$0.isWhitespace }
        #expect(document.root.rawText.filter { !$0.isWhitespace } == trimmed)
    }

    @Test func skipsAByteOrderMark() throws {
        let document = try JSONDocument(parsing: [0xEF, 0xBB, 0xBF] + Array("[1]".utf8))
        #expect(document.root.rawText == "[1]")
        #expect(throws: JSONError.empty) { try JSONDocument(parsing: [0xEF, 0xBB, 0xBF]) }
    }

    @Test func keepsTheSourceOfEveryValue() throws {
        let text = #"{ "a" : { "b" :  [1.50 , "x\ny" ] } , "c":-0 }"#
        let root = try JSONDocument(parsing: text).root
        #expect(root.rawText == text)
        #expect(root["a"]?.rawText == #"{ "b" :  [1.50 , "x\ny" ] }"#)
        #expect(root["a"]?["b"]?.rawText == #"[1.50 , "x\ny" ]"#)
        #expect(root["a"]?["b"]?[0]?.rawText == "1.50")
        #expect(root["a"]?["b"]?[1]?.rawText == #""x\ny""#)
        #expect(root["c"]?.rawText == "-0")
    }

    @Test func unescapesStringsAndKeys() throws {
        let text = #"{"\u0061\"\\\/\b\f\n\r\t": "\u00e9\u20AC\ud83d\uDE00 plain", "plain": "\\"}"#
        let root = try JSONDocument(parsing: text).root
        let members = Array(root.members)
        #expect(members[0].key == "a\"\\/\u{8}\u{c}\n\r\t")
        #expect(members[0].value.string == "é€😀 plain")
        #expect(root["plain"]?.string == "\\")
        #expect(root["a\"\\/\u{8}\u{c}\n\r\t"]?.key == members[0].key)
    }

    @Test func walksElementsAndMembersInOrder() throws {
        let root = try JSONDocument(parsing: #"{"b":[3,[4,5],{"z":6},7],"a":{},"":1}"#).root
        #expect(root.members.map(\.key) == ["b", "a", ""])
        #expect(root[""]?.int64 == 1)
        #expect(root["b"]?.elements.map(\.rawText) == ["3", "[4,5]", #"{"z":6}"#, "7"])
        #expect(Array(root.elements).isEmpty)
        #expect(root["b"].map { Array($0.members).isEmpty } == true)
        #expect(root.key == nil)
        #expect(root["a"]?.key == "a")
    }

    @Test func comparesWithoutMakingStrings() throws {
        let root = try JSONDocument(parsing: #"{"kind":"tra\u0063k","n":1,"e":""}"#).root
        let kind = try #require(root["kind"])
        #expect(kind.isString("track"))
        #expect(!kind.isString("trac"))
        #expect(kind.hasKey("kind"))
        #expect(!kind.hasKey("kin"))
        #expect(!root.hasKey(""))
        #expect(root["n"]?.isString("1") == false)
        #expect(root["e"]?.isString("") == true)
        #expect(kind.withUTF8 { Array($0) } == Array("track".utf8))
        #expect(root["n"]?.withUTF8 { $0.count } == 0)
    }

    @Test func aNodeKeepsItsDocumentAlive() throws {
        var node: JSONNode?
        do {
            node = try JSONDocument(parsing: #"{"a":{"b":"kept"}}"#).root["a"]
        }
        #expect(node?["b"]?.string == "kept")
    }

    @Test func stringsAtEveryLengthAndAlignment() throws {
        for length in 0..<200 {
            let text = String(repeating: "é", count: length) + String(repeating: "x", count: length % 7)
            let padding = String(repeating: " ", count: length % 64)
            let root = try JSONDocument(parsing: "\(padding){\"\(text)\"\(padding):\"\(text)\"\(padding)}").root
            #expect(root[text]?.string == text)
        }
    }
}
