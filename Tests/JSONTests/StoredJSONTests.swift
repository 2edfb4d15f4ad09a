import JSON
import Testing

struct StoredJSONTests {
    @Test func limitsForClientsDoNotHoldForWhatIsStored() throws {
        let many = "[" + Array(repeating: "0", count: 1_000_001).joined(separator: ",") + "]"
        let deep = String(repeating: "[", count: 1_000) + String(repeating: "]", count: 1_000)
        for text in [many, deep, "0e9223372036854775807"] {
            #expect(throws: JSONError.self) { try JSONDocument(parsing: text) }
            #expect(try JSONDocument(stored: text).valueCount > 0)
            #expect(try JSONValue(stored: Array(text.utf8)) == JSONValue(stored: text))
        }
    }

    @Test func whatIsDamagedIsNotRead() {
        for text in ["", "{", "[1,]", "{\"a\":1,\"a\":2}"] {
            #expect(throws: JSONError.self) { try JSONValue(stored: text) }
        }
    }

    @Test func valuesAreCounted() throws {
        let root = try JSONDocument(parsing: #"{"a":[1,[2,3],{}],"b":null}"#).root
        #expect(root.valueCount == 8)
        #expect(root["a"]?.valueCount == 6 && root["b"]?.valueCount == 1)
    }
}
