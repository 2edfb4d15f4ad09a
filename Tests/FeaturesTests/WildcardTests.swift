import Testing

@testable import Features

struct WildcardTests {
    @Test(arguments: [
        ("", "", true), ("", "a", false), ("*", "", true), ("*", "anything", true), ("a*", "a", true),
        ("a*", "ba", false),
        ("*a", "bca", true), ("*a", "bcab", false), ("a?c", "abc", true), ("a?c", "ac", false),
        ("/x/*/y", "/x/1/y", true),
        ("/x/*/y", "/x/y", false), ("**", "a", true), ("a*b*c", "a-b-b-c", true), ("a*b*c", "a-c-b", false),
    ])
    func matchesWholeTexts(pattern: String, text: String, isMatch: Bool) {
        var steps = 1_000
        #expect(Wildcard(pattern).matches(text, steps: &steps) == isMatch)
    }

    /// Against every way of reading a pattern, on short texts of few letters.
    @Test func agreesWithTryingEverything() {
        func tries(_ pattern: Substring.UTF8View, _ text: Substring.UTF8View) -> Bool {
            guard let first = pattern.first else { return text.isEmpty }
            if first == UInt8(ascii: "*") {
                return tries(pattern.dropFirst(), text) || (!text.isEmpty && tries(pattern, text.dropFirst()))
            }
            guard let letter = text.first, first == UInt8(ascii: "?") || first == letter else { return false }
            return tries(pattern.dropFirst(), text.dropFirst())
        }
        var generator = SystemRandomNumberGenerator()
        func draw(_ letters: String, upTo length: Int) -> String {
            String(
                (0..<Int.random(in: 0...length, using: &generator)).compactMap { _ in
                    letters.randomElement(using: &generator)
                })
        }
        var found = 0
        for _ in 0..<20_000 {
            let (pattern, text) = (draw("ab*?", upTo: 6), draw("ab", upTo: 7))
            let isMatch = tries(Substring(pattern).utf8, Substring(text).utf8)
            var steps = 1_000
            #expect(Wildcard(pattern).matches(text, steps: &steps) == isMatch, "\(pattern) \(text)")
            if isMatch { found += 1 }
        }
        #expect(found > 500, "patterns that never match show nothing")
    }

    @Test func stopsWhereItsStepsEnd() {
        var steps = 10_000
        let pattern = Wildcard("*" + String(repeating: "a", count: 200) + "b")
        #expect(!pattern.matches(String(repeating: "a", count: 4_000) + "b", steps: &steps))
        #expect(steps <= 0)
    }
}
