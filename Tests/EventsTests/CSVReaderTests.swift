import Testing

@testable import Events

@Suite struct CSVReaderTests {
    /// The rows after the header; nil for one that is refused.
    private func rows(_ text: String) throws -> [[String]?] {
        try CSVReader(.bytes(Array(text.utf8))).map { row in
            (try? row.result.get())?.map { String(decoding: $0, as: UTF8.self) }
        }
    }

    @Test func columnsAreTheirBytes() throws {
        #expect(try CSVReader(.bytes(Array("\u{E9},e\u{301}\n1,2".utf8))).columns.count == 2)
        #expect(throws: EventRejection.self) { try CSVReader(.bytes(Array("\u{E9},\u{E9}\n1,2".utf8))) }
    }

    /// Expectations are those of Python's csv module, reading the same text.
    static let cases: [(text: String, rows: [[String]?])] = [
        ("a,b\n1,2\n", [["1", "2"]]),
        ("a,b\n1,2", [["1", "2"]]),
        ("a,b\r\n1,2\r\n3,4\r\n", [["1", "2"], ["3", "4"]]),
        ("a,b\r1,2\r3,4", [["1", "2"], ["3", "4"]]),
        ("a,b\n,\n", [["", ""]]),
        ("a,b\n1,", [["1", ""]]),
        ("a,b\n\"1\",\"2\"\n", [["1", "2"]]),
        ("a,b\n\"1,5\",2\n", [["1,5", "2"]]),
        ("a,b\n\"say \"\"hi\"\"\",2\n", [["say \"hi\"", "2"]]),
        ("a,b\n\"\"\"\",\"\"\n", [["\"", ""]]),
        ("a,b\n\"x\r\ny\nz\",2\r\n3,4", [["x\r\ny\nz", "2"], ["3", "4"]]),
        ("a,b\n1\"2,3\n", [["1\"2", "3"]]),
        ("a,b\n\"1\"x,3\n", [["1x", "3"]]),
        ("a,b\n\"1\" \"2\",3\n", [["1 \"2\"", "3"]]),
        ("a,b\n 1 ,\t2\n", [[" 1 ", "\t2"]]),
        ("a,b\n\n\r\n1,2\n\n", [["1", "2"]]),
        ("\u{FEFF}a,b\n1,2\n", [["1", "2"]]),
        ("\u{FEFF}\"a\",b\n1,2\n", [["1", "2"]]),
        ("a\n\"\"\n", [[""]]),
        ("a,b\n1\n1,2,3\n4,5\n", [nil, nil, ["4", "5"]]),
        // These are ours: spreadsheets write them.
        ("a,b,,\n1,2,,\n3,4\n5,6,\n7,8,,x\n9,,,,\n", [["1", "2"], ["3", "4"], ["5", "6"], nil, nil]),
        ("a;b;\n1;2;\n", [["1", "2"]]),
        ("sep=;\r\na;b\r\n1;2,3\r\n", [["1", "2,3"]]),
        ("\u{FEFF}sep=|\na|b\n1|2", [["1", "2"]]),
        ("sep=,\na,b\n1,2", [["1", "2"]]),
        ("a,b\n1,2\n\"open,3\n4,5\n", [["1", "2"], nil]),
        ("a,b\n1,\"", [nil]),
        ("a,b\n", []),
        ("a,b", []),
        ("ä,日\nü,本\n", [["ü", "本"]]),
    ]

    @Test(arguments: cases.indices)
    func readsLikePython(_ index: Int) throws {
        let (text, expected) = Self.cases[index]
        #expect(try rows(text) == expected, "\(text.debugDescription)")
    }

    @Test func rowsKnowTheLineTheyStartOn() throws {
        let reader = try CSVReader(.bytes(Array("a,b\r\n\r\n1,\"x\ny\"\n3,4\n5\n\"open".utf8)))
        #expect(reader.map(\.line) == [3, 5, 6, 7])
    }

    @Test func theHeaderNamesTheColumns() throws {
        #expect(try CSVReader(.bytes(Array("\u{FEFF}\"a b\",c\n".utf8))).columns == ["a b", "c"])
        #expect(try CSVReader(.bytes(Array("a,b,,\n".utf8))).columns == ["a", "b"])
        #expect(try CSVReader(.bytes(Array("sep=;\na;b\n".utf8))).columns == ["a", "b"])
        #expect(try CSVReader(.bytes(Array("sep=;x\n1\n".utf8))).columns == ["sep=", "x"])
    }

    @Test(arguments: ["", "\n\r\n", "\u{FEFF}", "a,a\n1,2", "a,,b\n", ",,\n", "\"open", "sep=;\n"])
    func filesWithoutAUsableHeaderAreRefused(_ text: String) {
        #expect(throws: EventRejection.self) { try CSVReader(.bytes(Array(text.utf8))) }
    }

    @Test func invalidUTF8IsRefusedInTheHeaderAndKeptInCells() throws {
        #expect(throws: EventRejection.self) { try CSVReader(.bytes([0xFF, 0x0A])) }
        let rows = try CSVReader(.bytes([0x61, 0x0A, 0xFF, 0x0A])).map { try $0.result.get() }
        #expect(rows == [[[0xFF]]])
    }

    /// Of which nothing is held that goes beyond the limit.
    @Test func aRowThatIsTooLongIsRefusedAlone() throws {
        let cell = String(repeating: "a", count: 50)
        let text = Array("a,b,c\n\(cell),\"\(cell)\",x\n1,2,3\n\(cell),\(cell),\n".utf8)
        let rows = try CSVReader(.bytes(text), maximumRowBytes: 100).map { row -> (Int, String?) in
            switch row.result {
            case .success(let cells): (row.line, String(decoding: cells.joined(), as: UTF8.self))
            case .failure(let rejection): (row.line, rejection.reason.rawValue)
            }
        }
        #expect(rows.map(\.0) == [2, 3, 4])
        #expect(rows.map(\.1) == ["too_long", "123", cell + cell])
        #expect(throws: EventRejection.self) { try CSVReader(.bytes(Array(text.dropFirst(6))), maximumRowBytes: 100) }
    }

    @Test func manyColumnsAreRefusedWithoutAskingMuch() throws {
        let header = (0..<200_000).map { "c\($0)" }.joined(separator: ",")
        #expect(throws: EventRejection.self) { try CSVReader(.bytes(Array(header.utf8))) }
        let row = String(repeating: ",", count: 2_000_000)
        let rows = try rows("a,b\n\(row)\n1,2\n")
        #expect(rows == [nil, ["1", "2"]])
    }
}
