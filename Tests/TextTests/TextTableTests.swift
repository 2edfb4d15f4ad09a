import Testing
import Text

/// Results as people see them.
@Suite struct TextTableTests {
    private func shown(_ columns: [TextTable.Column], _ rows: [[String?]], width: Int? = nil) -> String {
        var table = TextTable(columns, width: width)
        return rows.reduce(into: "") { $0 += table.add($1) } + table.finish()
    }

    @Test func columnsStandUnderEachOther() {
        let columns = [TextTable.Column("event_name"), .init("n", isNumber: true), .init("last")]
        let rows = [["signup", "9", "a"], ["view", "1234", nil], ["日本語", "-1.5", "b"], ["é", nil, "c"]]
        let text = shown(columns, rows)
        #expect(
            text == """
                event_name |    n | last
                -----------+------+-----
                signup     |    9 | a
                view       | 1234 | NULL
                日本語     | -1.5 | b
                é          | NULL | c
                (4 rows)

                """)
    }

    @Test func nothingIsTakenForNull() {
        let text = shown([.init("x")], [[nil], ["NULL"], [""], ["\"NULL\""], ["null"]])
        #expect(text == "x\n--------\nNULL\n\"NULL\"\n\"\"\n\"\"NULL\"\"\nnull\n(5 rows)\n")
    }

    @Test(arguments: [
        ("\u{1B}[31mred", "\\u{1b}[31mred"), ("a\nb\tc\rd", "a\\nb\\tc\\rd"), ("\u{9B}2J", "\\u{9b}2J"),
        ("\u{7F}", "\\u{7f}"),
        ("a\u{202E}cba", "a\\u{202e}cba"), ("a\u{2066}b\u{200B}", "a\\u{2066}b\\u{200b}"), ("\u{2028}", "\\u{2028}"),
        ("\0", "\\u{0}"), ("\u{E000}", "\\u{e000}"), ("plain äöü 日本 🎉", "plain äöü 日本 🎉"), ("\r\n", "\\r\\n"),
    ])
    func whatDrivesTerminalsIsWrittenOut(_ value: String, _ seen: String) {
        #expect(VisibleText.of(value) == seen)
        let text = shown([.init(value)], [[value]])
        #expect(!text.unicodeScalars.contains { $0.value == 0x1B || ($0.value < 0x20 && $0 != "\n") })
        #expect(text.split(separator: "\n").count == 4)
    }

    @Test func widthsAreThoseOfTerminals() {
        for (text, width) in [("abc", 3), ("日本", 4), ("e\u{301}", 1), ("🎉", 2), ("ｆ", 2), ("한", 2), ("–", 1), ("", 0)] {
            #expect(VisibleText.width(text) == width, "\(text)")
        }
    }

    @Test func longValuesAreShortenedAndNumbersNot() {
        let long = String(repeating: "x", count: 200)
        let digits = String(repeating: "7", count: 38)
        let text = shown([.init("a"), .init("n", isNumber: true)], [[long, digits]], width: 80)
        #expect(text.contains("x…") && text.contains(digits))
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
        #expect(VisibleText.shortened("日本語", to: 4) == "日…")
        #expect(VisibleText.shortened("日本語", to: 6) == "日本語")
        #expect(VisibleText.shortened("abc", to: 1) == "…" && VisibleText.shortened("abc", to: 0) == "")
    }

    @Test func manyColumnsAreLines() {
        let columns = (0..<12).map { TextTable.Column("column_\($0)") }
        let text = shown(columns, [(0..<12).map { "value of \($0)" }, .init(repeating: nil, count: 12)], width: 80)
        #expect(text.hasPrefix("-- row 1\ncolumn_0  | value of 0\n") && text.contains("-- row 2\ncolumn_0  | NULL\n"))
        #expect(text.hasSuffix("column_11 | NULL\n(2 rows)\n"))
    }

    /// No row is kept once the widths are known, and later rows do not change them.
    @Test func rowsAreShownAsTheyCome() {
        var table = TextTable([.init("a")], width: 80)
        for _ in 1..<TextTable.measuredRows { #expect(table.add(["short"]) == "") }
        #expect(table.add(["short"]).split(separator: "\n").count == TextTable.measuredRows + 2)
        #expect(table.add(["much longer"]) == "much…\n")
        #expect(table.add(["x"]) == "x\n")
        #expect(table.finish() == "(\(TextTable.measuredRows + 2) rows)\n")
    }

    @Test func anEmptyResultHasItsColumns() {
        #expect(shown([.init("a"), .init("b")], []) == "a | b\n--+--\n(0 rows)\n")
    }
}
