import Testing
import Text

/// Spellings that `String` takes for equal, and no client does.
private let pairs: [(String, String)] = [
    ("caf\u{E9}", "cafe\u{301}"), ("\u{C5}", "\u{212B}"), ("K", "\u{212A}"), (";", "\u{37E}"), ("`", "\u{1FEF}"),
    ("\u{AC00}", "\u{1100}\u{1161}"), ("a\u{323}\u{307}", "a\u{307}\u{323}"),
]

@Suite struct ClientTextTests {
    @Test func canonicallyEqualSpellingsDiffer() {
        for (first, second) in pairs {
            #expect(first == second, "the pair proves nothing")
            #expect(ClientText(first) != ClientText(second))
            #expect(Set([ClientText(first), ClientText(second), ClientText(first)]).count == 2)
            #expect(!first.hasSameBytes(as: second))
            #expect((ClientText(first) < ClientText(second)) != (ClientText(second) < ClientText(first)))
            #expect(!first.hasBytePrefix(second) && !first.hasByteSuffix(second) && !first.containsBytes(of: second))
        }
    }

    @Test func equalBytesAreEqualHoweverTheTextIsStored() {
        let long = String(repeating: "é", count: 100)
        let copy = String(decoding: Array(long.utf8), as: UTF8.self)
        let slice = String(("x" + long).dropFirst())
        for other in [copy, slice] {
            #expect(ClientText(long) == ClientText(other))
            #expect(ClientText(long).hashValue == ClientText(other).hashValue)
        }
        #expect(ClientText("") == ClientText(String()))
        #expect("plain".hasSameBytes(as: "plain") && !"plain".hasSameBytes(as: "plains"))
    }

    @Test func orderIsThatOfBytes() {
        let texts = ["b", "a\u{301}", "", "ab", "\u{E9}", "a", "\u{1F600}", "\u{FFFD}", "e\u{301}"]
        let byBytes = texts.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        #expect(
            texts.map { ClientText($0) }.sorted().map(\.string).map { Array($0.utf8) } == byBytes.map { Array($0.utf8) }
        )
    }

    @Test func optionalsCompareByBytes() {
        let none: String? = nil
        #expect(none.hasSameBytes(as: nil))
        #expect(!none.hasSameBytes(as: "") && !("" as String?).hasSameBytes(as: none))
        #expect(("a" as String?).hasSameBytes(as: "a"))
        #expect(!("\u{E9}" as String?).hasSameBytes(as: "e\u{301}"))
    }
}

@Suite struct StringBytesTests {
    @Test func combiningMarksHideNothing() {
        #expect("/\u{301}x".hasBytePrefix("/") && !"/\u{301}x".hasPrefix("/"))
        #expect("x/\u{301}".containsBytes(of: "x/"))
        #expect("a\r\n".hasByteSuffix("\n"))
        #expect("a,\u{301}b".split(byte: ",").map { Array($0.utf8) } == ["a", "\u{301}b"].map { Array($0.utf8) })
    }

    @Test func partsAreFoundWhereTheyAre() {
        #expect("abcabd".containsBytes(of: "abd") && !"abcab".containsBytes(of: "abd"))
        #expect("abc".containsBytes(of: "") && "".containsBytes(of: "") && !"".containsBytes(of: "a"))
        #expect("abc".hasBytePrefix("") && "abc".hasByteSuffix("") && "abc".hasByteSuffix("abc"))
        #expect(!"bc".hasBytePrefix("abc") && !"bc".hasByteSuffix("abc"))
    }

    @Test func partsAreFoundWhatever() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            func text(_ longest: Int) -> String {
                String((0..<Int.random(in: 0...longest, using: &random)).map { _ in "ab".randomElement() ?? "a" })
            }
            let (whole, part) = (text(30), text(5))
            #expect(whole.containsBytes(of: part) == (part.isEmpty || whole.contains(part)), "\(part) in \(whole)")
        }
    }

    @Test func splittingKeepsEmptyPiecesWhenAsked() {
        #expect(",a,,b,".split(byte: ",") == ["a", "b"])
        #expect(",a,,b,".split(byte: ",", omittingEmptySubsequences: false) == ["", "a", "", "b", ""])
        #expect("a=b=c".split(byte: "=", maxSplits: 1) == ["a", "b=c"])
    }
}
