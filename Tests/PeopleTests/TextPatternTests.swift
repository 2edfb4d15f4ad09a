import TestSupport
import Testing

@testable import People

struct TextPatternTests {
    private func matches(_ pattern: String, _ text: String) -> Bool {
        FoldedText.bytes(of: text).withUnsafeBufferPointer { TextPattern(pattern).matches($0) }
    }

    @Test(arguments: [
        ("", "", true), ("", "a", false), ("*", "", true), ("**", "any", true), ("a", "A", true), ("a*", "ba", false),
        ("*a", "bca", true), ("*a", "bcab", false), ("a*a", "a", false), ("a*a", "aa", true), ("?", "\u{e9}", true),
        ("?", "", false), ("*?\u{e9}", "x\u{e9}", true), ("a?c*", "a\u{1F600}cd", true), ("*ab*ab*", "abab", true),
        ("*ab*ab*", "ab-b", false), ("*aab*", "aaab", true),
    ])
    func matchesWholeTexts(pattern: String, text: String, isMatch: Bool) {
        #expect(matches(pattern, text) == isMatch)
    }

    /// Against every way of reading a pattern, on short texts of few letters.
    @Test func agreesWithTryingEverything() {
        func tries(_ pattern: ArraySlice<Unicode.Scalar>, _ text: ArraySlice<Unicode.Scalar>) -> Bool {
            guard let first = pattern.first else { return text.isEmpty }
            if first == "*" {
                return tries(pattern.dropFirst(), text) || (!text.isEmpty && tries(pattern, text.dropFirst()))
            }
            guard let letter = text.first, first == "?" || first == letter else { return false }
            return tries(pattern.dropFirst(), text.dropFirst())
        }
        var generator = SeededGenerator(seed: 5)
        func draw(_ letters: String, upTo length: Int) -> String {
            String(
                (0..<Int.random(in: 0...length, using: &generator)).compactMap { _ in
                    letters.randomElement(using: &generator)
                })
        }
        var found = 0
        for _ in 0..<20_000 {
            let (pattern, text) = (draw("a\u{e9}*?", upTo: 6), draw("a\u{e9}", upTo: 7))
            let isMatch = tries(Array(pattern.unicodeScalars)[...], Array(text.unicodeScalars)[...])
            #expect(matches(pattern, text) == isMatch, "\(pattern) \(text)")
            if isMatch { found += 1 }
        }
        #expect(found > 500, "patterns that never match show nothing")
    }

    @Test func longPartsWithQuestionMarksAreRefused() {
        #expect(!TextPattern("*" + String(repeating: "a", count: 1_000) + "*").isTooCostly)
        #expect(TextPattern("*" + String(repeating: "a?", count: 20) + "*").isTooCostly)
    }
}
