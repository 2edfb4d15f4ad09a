import Testing

@testable import JSON

@Suite struct JSONElementwiseTests {
    /// What is refused, by position, and what the others are.
    private func read(_ text: String, lists: [String] = []) throws -> (errors: [Int: JSONError], rest: [String]) {
        let body = try JSONElementwise(parsing: Array(text.utf8), lists: lists)
        let list = lists.first.map { body.root[$0] } ?? body.root
        var errors: [Int: JSONError] = [:]
        var rest: [String] = []
        for (index, element) in try #require(list).elements.enumerated() {
            if let error = body.error(of: element) { errors[index] = error } else { rest.append(element.rawText) }
        }
        return (errors, rest)
    }

    @Test(arguments: [
        #"{"a":"\u0000"}"#, #"{"a\u0000":1}"#, #"{"a":"\ud800"}"#, #"{"a":"\udc00\ud800"}"#, #"{"a":1e400}"#,
        #"{"a":1e99999}"#, #"{"a":1,"a":2}"#, #"{"a":[{"b":1,"b":1}]}"#, #"{"a":NaN}"#, #"{"a":-Infinity}"#, "NaN",
        "01",
        #"{"a":"\x"}"#, "{\"a\":\"\u{1}\"}", #"{"a":tru}"#,
        String(repeating: "[", count: 65) + String(repeating: "]", count: 65),
    ])
    func oneElementIsRefusedAlone(_ bad: String) throws {
        for text in ["[1, \(bad) ,{\"b\":\"},]\"}]", "\u{FEFF}\n[1,\(bad),{\"b\":\"},]\"}]\n"] {
            let (errors, rest) = try read(text)
            #expect(Array(errors.keys) == [1], "\(bad)")
            #expect(rest == ["1", #"{"b":"},]"}"#])
        }
        let (errors, rest) = try read("{\"x\":[\(bad)],\"users\":[\"a\"]}".replacing(bad, with: "1"), lists: ["users"])
        #expect(errors.isEmpty && rest == ["\"a\""])
        let inside = try read("{\"users\":[\(bad),\(bad),[2]],\"more\":{}}", lists: ["users"])
        #expect(Set(inside.errors.keys) == [0, 1] && inside.rest == ["[2]"])
    }

    @Test func invalidBytesAreOfTheirElement() throws {
        let bytes = Array("[\"a\",\"".utf8) + [0xC3, 0x28] + Array("\",\"b\"]".utf8)
        let body = try JSONElementwise(parsing: bytes, lists: [])
        #expect(body.root.elements.map { body.error(of: $0) == nil } == [true, false, true])
    }

    @Test func whatIsSharedIsRefusedAsAWhole() {
        for text in [
            #"[1,{"a" 1},2]"#, "[1,2", "[1,,2]", "[1,2,]", #"[{"a":1]},2]"#, #"["a,2]"#, "[1] 2", "", "[1 2]",
            #"[{"a":1,}]"#, #"[{a:1}]"#,
        ] {
            #expect(throws: JSONError.self, "\(text)") { try read(text) }
        }
        for text in [
            #"{"x":"\u0000","users":[1]}"#, #"{"users":[1],"users":[2]}"#, #"{"users":[1],"x":1e400}"#,
            #"{"users":"\u0000"}"#,
        ] {
            #expect(throws: JSONError.self, "\(text)") { try read(text, lists: ["users"]) }
        }
    }

    @Test func listsInListsLoseWhatIsBadOnly() throws {
        let text = #"""
            {"visitors": [
                {"id": 1, "events": [{"n": 1}, {"n": "\u0000"}, {"n": 3}, {"n": 4, "n": 5}]},
                {"id": "\ud800", "events": [{"n": 6}]},
                {"id": 3, "events": [{"n": 7}]}
            ]}
            """#
        let body = try JSONElementwise(parsing: Array(text.utf8), lists: ["visitors", "events"])
        let visitors = try #require(body.root["visitors"]).elements.map { $0 }
        #expect(visitors.map { body.error(of: $0) != nil } == [false, true, false])
        let events = try #require(visitors[0]["events"]).elements.map { $0 }
        #expect(events.map { body.error(of: $0) != nil } == [false, true, false, true])
        #expect(events[2]["n"]?.int64 == 3 && visitors[2]["events"]?.count == 1)
        guard case .duplicateKey(let path) = body.error(of: events[3]) else {
            Issue.record("another error")
            return
        }
        #expect(path == "n")
    }

    @Test func listsAreFoundHoweverTheirNameIsWritten() throws {
        for name in [#"visitors"#, #"\u0076isitors"#, #"\u0076\u0069\u0073\u0069\u0074\u006f\u0072\u0073"#] {
            let text = "{\"visitor\": [], \"\(name)\": [1, \"\\u0000\", 3], \"\\u0076\": 1}"
            let body = try JSONElementwise(parsing: Array(text.utf8), lists: ["visitors"])
            let list = try #require(body.root["visitors"])
            #expect(list.elements.map { body.error(of: $0) != nil } == [false, true, false], "\(name)")
        }
    }

    @Test func theDeepestElementsAreAsDeepEverywhere() throws {
        let deepest = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(try read("[\(deepest)]").errors.isEmpty)
        #expect(try read("{\"users\":[\(deepest)]}", lists: ["users"]).errors.isEmpty)
        #expect(try read("[\(deepest),[\(deepest)]]").errors.keys.sorted() == [1])
        #expect(try read("{\"users\":[\(deepest),[\(deepest)]]}", lists: ["users"]).errors.keys.sorted() == [1])
    }

    @Test func manyBadElementsTakeNoLongerThanGoodOnes() throws {
        let text = "[" + Array(repeating: #"{"a":"\u0000"}"#, count: 20_000).joined(separator: ",") + "]"
        #expect(try read(text).errors.count == 20_000)
        // Brackets that nobody closes are seen to be broken in one go.
        #expect(throws: JSONError.self) { try read("[\"\\u0000\"," + String(repeating: "[", count: 200_000)) }
    }

    @Test(arguments: [
        ("1004", "1004"), ("1004.0", "1004"), ("1.004e3", "1004"), ("1004.50", "1004.5"), ("-0.0", "0"), ("1e2", "100"),
        ("12345678901234567890.10", "12345678901234567890.1"), ("1e-3", "0.001"), ("-1.5E+1", "-15"), ("0", "0"),
        ("100", "100"), ("0.10", "0.1"), ("1E-400", "0." + String(repeating: "0", count: 399) + "1"),
    ])
    func numbersArePlain(_ written: String, _ plain: String) throws {
        #expect(try JSONDocument(parsing: written).root.plainNumber == plain)
    }

    @Test func whatIsNoNumberIsNotPlain() throws {
        for text in ["\"1\"", "true", "[1]", "1e-9999", "null"] {
            #expect(try JSONDocument(parsing: text).root.plainNumber == nil, "\(text)")
        }
    }
}
