import JSON
import Testing

@testable import Events

@Suite struct UploadFormatTests {
    private func format(_ bytes: [UInt8], _ kind: UploadKind = .bulkUsers, _ name: String = "blob") throws
        -> UploadedRows.Format
    {
        try UploadedRows.Format(of: .bytes(bytes), kind: kind, fileName: name)
    }

    private static let texts: [(String, UploadedRows.Format)] = [
        ("{\"user_id\":\"a\"}\n{\"user_id\":\"b\"}", .ndjson), ("\u{FEFF}{}\n{}", .ndjson), (" \n\t{}", .ndjson),
        ("{}", .ndjson), ("{oops\n{}", .ndjson), ("[{}]", .json), ("\u{FEFF}\n [\n{}]", .json),
        ("{\"users\":[]}", .json), ("{\n\"users\": [\n{}\n]\n}", .json), ("{\"companies\":[]}", .ndjson),
        ("{\"users\":[]}\n{\"users\":[]}", .ndjson), ("{\n\"users\": {}\n}", .ndjson),
        // What is wrong within the list is wrong with a row of it.
        (#"{"users":[{"user_id":"a"},{"user_id":"\u0000"}]}"#, .json), (#"{"users":[{"a":1,"a":2}]}"#, .json),
        ("{\"n\":1e400, \"users\" :\t[NaN]}", .json), ("{\"a\":\"\\\"]}\",\n\"users\":[\n{\"users\":1}]}\n\n", .json),
        ("{\"users\":[{\"user_id\":\"a\"},", .json), ("{\"users\":[]} x", .ndjson),
        (#"{"user_id":"users","a":["users"]}"#, .ndjson), (#"{"a":{"users":[]}}"#, .ndjson),
        (#"{"users":"["}"#, .ndjson),
        ("user_id,metadata\na,", .csv), ("sep=;\nuser_id;metadata;\na;;", .csv), ("\u{FEFF}\"user_id\"\na", .csv),
        ("metadata;user_id\n;a", .csv),
        ("x\tuser_id\n1\t2", .csv),
    ]

    @Test(arguments: texts.indices)
    func textIsToldByWhatItHolds(_ index: Int) throws {
        let (text, expected) = Self.texts[index]
        for name in ["blob", "rows.csv", "rows.json", "rows.parquet", ""] {
            #expect(try format(Array(text.utf8), .bulkUsers, name) == expected, "\(text) \(name)")
            #expect(try format(UploadSourceTests.gzip(Array(text.utf8)), .bulkUsers, name) == expected)
        }
    }

    @Test func otherFormatsAreToldByTheirFirstBytes() throws {
        #expect(try format(Array("PAR1....".utf8)) == .parquet)
        #expect(try format(UploadSourceTests.gzip(Array("PAR1....".utf8))) == .parquet)
        #expect(try format(Array("Obj\u{1}....".utf8)) == .avro)
    }

    @Test(arguments: [
        [0x50, 0x4B, 0x03, 0x04], [0xFF, 0xFE, 0x61, 0x00], [0xFE, 0xFF, 0x00, 0x61], [0x28, 0xB5, 0x2F, 0xFD],
        Array("BZh91".utf8), UploadSourceTests.gzip(UploadSourceTests.gzip([0x61])), [], [0xEF, 0xBB, 0xBF],
        UploadSourceTests.gzip([]), [0x1F, 0x8B, 0x00],
    ])
    func whatCannotBeReadIsRefused(_ bytes: [UInt8]) {
        #expect(throws: EventRejection.self) { try format(bytes, .importEvents, "rows.csv") }
    }

    /// Only where the text itself says nothing.
    @Test func aNameDecidesWhetherOtherTextIsLines() throws {
        for name in ["rows.ndjson", "rows.JSONL", "rows.json", "rows.ndjson.gz"] {
            #expect(try format(Array("oops\n{}".utf8), .bulkUsers, name) == .ndjson)
        }
        for name in ["rows", "rows.csv", "rows.txt"] {
            #expect(throws: EventRejection.self) { try format(Array("oops\n{}".utf8), .bulkUsers, name) }
        }
        #expect(try format(Array("event_type,source,inserted_at".utf8), .importEvents, "rows.ndjson") == .csv)
    }
}
