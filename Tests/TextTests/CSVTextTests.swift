import Testing

@testable import Text

@Suite struct CSVTextTests {
    @Test func cellsAreQuotedWhereTheyNeedIt() {
        var text = CSVText()
        for cell in ["plain", "a;=b", "a,b", "say \"so\"", "two\r\nlines", "", "é"] { text.exact(cell) }
        text.endLine()
        text.empty()
        text.exact("1.5")
        text.empty()
        text.endLine()
        #expect(
            String(decoding: text.bytes, as: UTF8.self)
                == "plain,\"a;=b\",\"a,b\",\"say \"\"so\"\"\",\"two\r\nlines\",\"\",é\r\n,1.5,\r\n")
    }

    @Test(arguments: [
        "=1+1", "+49 30", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\u{A0}=1", "\u{FF1D}1", "=\u{301}1",
        "\u{3000}=1", "\u{200B}=1", "\u{FEFF}+1", "\u{2212}1", "\u{B}@a", "\u{2028}=1",
    ])
    func formulasBecomeText(_ text: String) {
        #expect(Array(SpreadsheetGuard.guarded(text).utf8) == Array("'".utf8) + Array(text.utf8))
    }

    @Test(arguments: ["", " ", "a=1", "1-2", "'=1", "ünï", "\"=1\""])
    func otherTextsStayAsTheyAre(_ text: String) {
        #expect(Array(SpreadsheetGuard.guarded(text).utf8) == Array(text.utf8))
    }
}
