import JSON
import Testing

@testable import Events

/// Files put together by hand; what other programs write is read in the end-to-end tests.
@Suite struct AvroReaderTests {
    private static let marker = [UInt8](repeating: 0x5A, count: 16)

    private static func long(_ value: Int64) -> [UInt8] {
        var rest = UInt64(bitPattern: value << 1 ^ value >> 63)
        var bytes: [UInt8] = []
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    private static func text(_ text: String) -> [UInt8] { long(Int64(text.utf8.count)) + Array(text.utf8) }

    static func file(_ fields: String, codec: String = "null", _ blocks: [(count: Int64, content: [UInt8])]) -> [UInt8]
    {
        let schema = "{\"type\":\"record\",\"name\":\"r\",\"fields\":[\(fields)]}"
        var bytes = AvroReader.magic + long(2) + text("avro.codec") + text(codec) + text("avro.schema") + text(schema)
        bytes += long(0) + marker
        for block in blocks { bytes += long(block.count) + long(Int64(block.content.count)) + block.content + marker }
        return bytes
    }

    /// The rows, of those that are refused the reason.
    private func rows(
        _ bytes: [UInt8], isWanted: (String) -> Bool = { _ in true }, maximumBytes: Int = UploadPieces.maximumBytes
    ) throws -> (rows: [String], damage: EventRejection?) {
        var reader = try AvroReader(.bytes(bytes), maximumBytes: maximumBytes, isWanted: isWanted)
        var rows: [String] = []
        while let row = reader.next() {
            switch row {
            case .success(let bytes): rows.append(String(decoding: bytes, as: UTF8.self))
            case .failure(let rejection): rows.append(rejection.message)
            }
        }
        return (rows, reader.damage)
    }

    @Test func everyTypeBecomesJSON() throws {
        let fields = """
            {"name":"n","type":"null"},{"name":"b","type":"boolean"},{"name":"i","type":"int"},
            {"name":"l","type":"long"},{"name":"f","type":"float"},{"name":"d","type":"double"},
            {"name":"s","type":"string"},{"name":"y","type":"bytes"},
            {"name":"x","type":{"type":"fixed","name":"two","size":2}},{"name":"x2","type":"two"},
            {"name":"e","type":{"type":"enum","name":"e","symbols":["A","B"]}},
            {"name":"a","type":{"type":"array","items":"int"}},{"name":"m","type":{"type":"map","values":"string"}},
            {"name":"u","type":["null","string"]},{"name":"v","type":["null","string"]},
            {"name":"t","type":{"type":"long","logicalType":"timestamp-micros"}},
            {"name":"tm","type":{"type":"long","logicalType":"timestamp-millis"}},
            {"name":"td","type":{"type":"int","logicalType":"date"}},
            {"name":"r","type":{"type":"record","name":"inner","fields":[{"name":"k","type":"int"}]}}
            """
        var row: [UInt8] = [1] + Self.long(-3) + Self.long(.max) + [0, 0, 0x20, 0x40, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F]
        row += Self.text("é\"") + Self.text("y") + Array("ab".utf8) + Array("cd".utf8) + Self.long(1)
        row += Self.long(2) + Self.long(7) + Self.long(8) + Self.long(-1) + Self.long(1) + Self.long(9) + Self.long(0)
        row += Self.long(1) + Self.text("k") + Self.text("v") + Self.long(0)
        row += Self.long(1) + Self.text("") + Self.long(0) + Self.long(1_000_001) + Self.long(1) + Self.long(1)
        row += Self.long(4)
        let found = try rows(Self.file(fields, [(1, row), (2, row + row)]))
        let expected =
            #"{"n":null,"b":true,"i":-3,"l":9223372036854775807,"f":2.5,"d":1.5,"s":"é\"","y":"y","x":"ab","x2":"cd","#
            + #""e":"B","a":[7,8,9],"m":{"k":"v"},"u":"","v":null,"t":"1970-01-01T00:00:01.000001Z","#
            + #""tm":"1970-01-01T00:00:00.001000Z","td":"1970-01-02T00:00:00.000000Z","r":{"k":4}}"#
        #expect(found.rows == [expected, expected, expected])
        #expect(found.damage == nil)
    }

    /// A row of a few bytes may stand for any number of values, each written with a name that the schema gives.
    @Test func longNamesOfManyValuesEndTheFile() throws {
        let name = String(repeating: "n", count: 100_000)
        let element = "{\"type\":\"record\",\"name\":\"e\",\"fields\":[{\"name\":\"\(name)\",\"type\":\"null\"}]}"
        let field = "{\"name\":\"a\",\"type\":{\"type\":\"array\",\"items\":\(element)}}"
        let few = Self.long(3) + Self.long(0)
        #expect(try rows(Self.file(field, [(1, few)])).rows.first?.utf8.count ?? 0 > 300_000)
        let found = try rows(Self.file(field, [(1, few), (1, Self.long(900_000) + Self.long(0))]))
        #expect(found.rows.count == 1)
        #expect(found.damage != nil)
    }

    @Test func aHeaderHasALimit() throws {
        let entry = Self.text("k") + Self.text(String(repeating: "v", count: 600_000))
        let other = Self.text("l") + Self.text(String(repeating: "v", count: 600_000))
        #expect(throws: EventRejection.self) {
            try rows(AvroReader.magic + Self.long(2) + entry + other + Self.long(0) + Self.marker)
        }
    }

    @Test func whatIsDamagedEndsThere() throws {
        let field = #"{"name":"s","type":"string"}"#
        let good = Self.text("one")
        for second in [
            (1, Self.long(50)), (2, good), (1, good + good), (-1, good), (.max, good), (1, Self.long(-5)),
            (1, [UInt8](repeating: 0xFF, count: 12)),
        ] as [(Int64, [UInt8])] {
            let found = try rows(Self.file(field, [(1, good), second]))
            #expect(found.rows.first == #"{"s":"one"}"#)
            #expect(found.damage != nil, "\(second)")
        }
        let whole = Self.file(field, [(1, good)])
        for count in [whole.count - 1, whole.count - 17] {
            #expect(try rows(Array(whole[..<count])).damage != nil)
        }
        #expect(try rows(whole + [2]).damage != nil)
    }

    /// Values that take no bytes are counted too.
    @Test func aClaimOfManyValuesIsNoneOfThem() throws {
        let nothing = #"{"name":"a","type":{"type":"array","items":"null"}}"#
        for count in [1_000_001, .max] as [Int64] {
            #expect(try rows(Self.file(nothing, [(1, Self.long(count) + Self.long(0))])).damage != nil)
        }
        let blocks = Array(repeating: Self.long(900_000), count: 2).joined() + Self.long(0)
        #expect(try rows(Self.file(nothing, [(1, Array(blocks))])).damage != nil)
        #expect(try rows(Self.file(#"{"name":"n","type":"null"}"#, [(5, [])])).damage != nil)
    }

    /// A packed file of a few hundred bytes may hold millions of rows, each with an array of values that take no bytes.
    @Test(arguments: [true, false])
    func allRowsTogetherHaveALimit(isWanted: Bool) throws {
        let row = Self.long(1_000) + Self.long(0)
        let content = Array(repeatElement(row, count: 10_000).joined())
        let packed = Array(UploadSourceTests.gzip(content).dropFirst(10).dropLast(8))
        let file = Self.file(
            #"{"name":"a","type":{"type":"array","items":"null"}}"#, codec: "deflate", [(10_000, packed)])
        #expect(file.count < 1_000)
        let found = try rows(file, isWanted: { _ in isWanted }, maximumBytes: 100_000)
        #expect((15...20).contains(found.rows.count))
        #expect(found.damage?.message.contains("100000 bytes") == true)
    }

    /// It is plain where a value ends that JSON cannot hold.
    @Test(
        arguments: [
            (#""string""#, text("a"), [2, 0xFF], "s is not valid UTF-8."),
            (#"{"type":"fixed","name":"f","size":1}"#, [0x61], [0xFF], "s is not valid UTF-8."),
            (
                #"{"type":"map","values":"int"}"#, long(1) + text("a") + long(1) + long(0),
                long(1) + [2, 0xFF] + long(1) + long(0), "s is not valid UTF-8."
            ),
            (
                #"{"type":"long","logicalType":"timestamp-millis"}"#, long(0), long(1 << 55),
                "s is a time outside of the years 1 to 9999."
            ),
        ] as [(String, [UInt8], [UInt8], String)])
    func aBadValueCostsItsRow(type: String, good: [UInt8], bad: [UInt8], message: String) throws {
        let fields = #"{"name":"s","type":\#(type)},{"name":"n","type":"int"}"#
        let values = [good, bad, good].enumerated().map { $1 + Self.long(Int64($0)) }
        let file = Self.file(fields, [(3, Array(values.joined()))])
        let found = try rows(file)
        #expect(found.damage == nil)
        try #require(found.rows.count == 3)
        #expect(found.rows[1] == message)
        #expect(found.rows[0].hasSuffix(#","n":0}"#))
        #expect(found.rows[2].hasSuffix(#","n":2}"#))
        // Nobody asks what is in a column that no event has.
        let others = try rows(file, isWanted: { $0 == "n" })
        #expect(others.rows == [#"{"n":0}"#, #"{"n":1}"#, #"{"n":2}"#])
        #expect(others.damage == nil)
    }

    /// Specification, "Names": a name without dots is in the namespace around it.
    @Test(arguments: ["k", "com.x.k", "r.k"])
    func typesHaveNamespaces(_ name: String) throws {
        let fields = """
            {"name":"a","type":{"type":"enum","name":"k","namespace":"com.x","symbols":["A"]}},
            {"name":"b","type":{"type":"record","name":"com.x.inner","fields":[
                {"name":"c","type":"k"},
                {"name":"d","type":{"type":"enum","name":"k","namespace":"r","symbols":["D"]}},
                {"name":"e","type":"com.x.k"},{"name":"f","type":"r.k"}]}},
            {"name":"g","type":{"type":"enum","name":"k","symbols":["G"]}},{"name":"h","type":"\(name)"}
            """
        let found = try rows(Self.file(fields, [(1, [UInt8](repeating: 0, count: 7))]))
        let last = ["k": "G", "com.x.k": "A", "r.k": "D"][name] ?? ""
        #expect(found.rows == [#"{"a":"A","b":{"c":"A","d":"D","e":"A","f":"D"},"g":"G","h":"\#(last)"}"#])
    }

    @Test(arguments: [
        #"{"name":"s","type":"unknown"}"#, #"{"name":"s"}"#, #"{"type":"int"}"#, "5",
        #"{"name":"s","type":{"type":"record","name":"s","fields":[{"name":"n","type":"s"}]}}"#,
        #"{"name":"s","type":"# + String(repeating: #"{"type":"array","items":"#, count: 40) + "\"int\""
            + String(repeating: "}", count: 40) + "}",
    ])
    func otherSchemasAreRefused(_ field: String) {
        #expect(throws: EventRejection.self) { try rows(Self.file(field, [])) }
    }

    /// Each type refers to the one before: no definition is deep, but values are.
    @Test func namesOfNamesHaveALimit() throws {
        func fields(_ count: Int) -> String {
            (0..<count).map { number in
                let inner = number == 0 ? "\"int\"" : "[\"null\",\"t\(number - 1)\"]"
                return
                    #"{"name":"f\#(number)","type":{"type":"record","name":"t\#(number)","fields":[{"name":"v","type":\#(inner)}]}}"#
            }.joined(separator: ",")
        }
        // A value of f(n) is a choice that is no null for each type below it, and a number.
        let row = (0..<20).flatMap { [UInt8](repeating: 2, count: $0) + [0] }
        #expect(try rows(Self.file(fields(20), [(1, row)])).rows.count == 1)
        for count in [40, 900] {
            #expect(throws: EventRejection.self) { try rows(Self.file(fields(count), [])) }
        }
    }

    @Test func otherFilesAreRefused() {
        #expect(throws: EventRejection.self) { try rows(Self.file(#"{"name":"s","type":"int"}"#, codec: "snappy", [])) }
        for bytes in [[], AvroReader.magic, AvroReader.magic + [1], AvroReader.magic + Self.long(.min)] {
            #expect(throws: EventRejection.self) { try rows(bytes) }
        }
    }
}
