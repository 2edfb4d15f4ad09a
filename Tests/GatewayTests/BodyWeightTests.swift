import JSON
import Testing

@testable import Gateway

@Suite struct BodyWeightTests {
    @Test(arguments: [
        "1", "[]", "{}", "[1,2,3]", #"{"a":1,"b":[1,{"c":null}],"d":"x, [y], {z}"}"#, "[[[[[1]]]]]", " [ 1 , 2 ] ",
        #"[{"a":{"b":{"c":[]}}},"e"]"#,
    ])
    func noDocumentHasMoreValues(_ text: String) throws {
        let bytes = Array(text.utf8)
        let count = try JSONDocument(parsing: bytes).valueCount
        #expect(BodyWeight.mostValues(in: bytes, hasLines: false) >= count)
    }

    @Test func numbersInAListCountAsWhatTheyAre() throws {
        let zeros = Array("[\(Array(repeating: "0", count: 1_000).joined(separator: ","))]".utf8)
        #expect(BodyWeight.mostValues(in: zeros, hasLines: false) == 1_001)
        let lines = Array(Array(repeating: "0", count: 1_000).joined(separator: "\n").utf8)
        #expect(BodyWeight.mostValues(in: lines, hasLines: true) == 1_000)
    }
}
