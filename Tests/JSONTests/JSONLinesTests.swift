import JSON
import Testing

@Suite struct JSONLinesTests {
    @Test func aBadLineSpoilsNoOther() {
        let text = "{\"a\":1}\r\n\n  \t\n{\"a\":}\n{\"a\":3}\n[\"\u{e9}\"]\n{\"a\":1,\"a\":2}\r\n\r\n4"
        let lines = Array(JSONLines(Array(text.utf8)))
        #expect(lines.map(\.number) == [1, 4, 5, 6, 7, 9])
        #expect(
            lines.map { (try? $0.result.get())?.root.rawText } == [
                "{\"a\":1}", nil, "{\"a\":3}", "[\"é\"]", nil, "4",
            ])
        #expect(lines[1].result.failure == .malformed(.unexpectedCharacter, path: "a", offset: 5))
        #expect(lines[4].result.failure == .duplicateKey(path: "a"))
        let bytes = Array(text.utf8)
        #expect(String(decoding: bytes[lines[0].range], as: UTF8.self) == "{\"a\":1}")
    }

    @Test(arguments: ["", "\n", "\r\n\r\n", "   "])
    func nothingButBlankLines(text: String) {
        #expect(Array(JSONLines(Array(text.utf8))).isEmpty)
    }

    @Test func limitsHoldForEachLine() {
        let lines = Array(JSONLines(Array("[1,2]\n[1,2,3]\n[1,2]".utf8), limits: JSONLimits(maxValues: 3)))
        #expect(lines.map { $0.result.failure == nil } == [true, false, true])
    }

    @Test func readsForeignBuffersAndStopsOnAnError() {
        struct Enough: Error {}
        var seen: [Int] = []
        let bytes = Array("1\n2\n3\n".utf8)
        #expect(throws: Enough.self) {
            try bytes.withUnsafeBytes { buffer in
                try JSONLines.forEach(in: buffer) { line in
                    seen.append(line.number)
                    if seen.count == 2 { throw Enough() }
                }
            }
        }
        #expect(seen == [1, 2])
    }

    @Test func tenThousandLines() throws {
        let text = (0..<10_000).map { "{\"n\":\($0),\"s\":\"line \($0)\"}" }.joined(separator: "\n")
        var sum: Int64 = 0
        for line in JSONLines(Array(text.utf8)) { sum += try line.result.get().root["n"]?.int64 ?? 0 }
        #expect(sum == 49_995_000)
    }
}

extension Result {
    var failure: Failure? {
        if case .failure(let failure) = self { failure } else { nil }
    }
}
