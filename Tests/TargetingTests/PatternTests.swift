import Testing

@testable import Targeting

/// Regular expressions: as JavaScript reads them, and never slower than length times size.
struct PatternTests {
    @Test(
        "Patterns that take others exponential time take time in proportion",
        .timeLimit(.minutes(1)),
        arguments: [
            "(a+)+$", "(a|aa)+$", "(a|a?)+b$", "(.*a){20}b$", "([a-z]+)*\\d", "(?:a?){500}a{500}b", "^(?=(a+)+$)b|c",
            "(?<=(a|aa)+)c", "(?:(?:a{0,30}){0,30}){0,2}b", ".*.*.*.*.*.*.*.*b",
        ])
    func catastrophes(pattern: String) throws {
        let compiled = try Pattern(pattern)
        let text = String(repeating: "a", count: min(1_000, compiled.longestText - 1)) + "!"
        #expect(compiled.occurs(in: text) == false)
    }

    @Test("Patterns that would grow without bound are refused, at once", .timeLimit(.minutes(1)))
    func tooLarge() {
        let hostile = [
            "((a{1000}){1000}){1000}", "a{4001}",
            String(repeating: "(", count: 100) + String(repeating: ")", count: 100),
            String(repeating: "a", count: 2_049), "(((((a{9}){9}){9}){9}){9}){9}", "a{99999999999999999999}",
            String(repeating: "(?=a{50})", count: 200),
        ]
        for pattern in hostile { #expect(throws: PatternError.tooLarge) { try Pattern(pattern) } }
    }

    @Test("What repeats nothing stays small")
    func repeatedNothing() throws {
        #expect(try Pattern("(?:){1000000000}(?:(?:){999999999}){999999999}x").occurs(in: "x") == true)
        #expect(try Pattern("(?:a*)*b").occurs(in: "aab") == true)
        #expect(try Pattern("(?:|a)+$").occurs(in: "") == true)
    }

    @Test("References to groups match what the groups matched, what only looks like one is a character")
    func references() throws {
        #expect(try Pattern("\\b(\\w+) \\1\\b").occurs(in: "Paris in The the spring") == true)
        #expect(try Pattern("\\b(\\w+) \\1\\b").occurs(in: "the then") == false)
        #expect(try Pattern("(?<q>['\"]).*\\k<q>$").occurs(in: "say \"it's\"") == true)
        #expect(try Pattern("(é)\\1").occurs(in: "Éé") == true)
        #expect(try Pattern("a\\1").occurs(in: "a\u{1}") == true)
        #expect(try Pattern("\\k").occurs(in: "K") == true)
        #expect(try Pattern("[(]\\1").occurs(in: "(\u{1}") == true)
        for pattern in ["(?<n>a)\\k<m>", "(?<n>a)\\k", "(?<n>a)\\k<n"] {
            #expect(throws: PatternError.invalid) { try Pattern(pattern) }
        }
    }

    @Test(
        "Patterns with references that would take exponential time are given up, and there is no answer",
        .timeLimit(.minutes(1)),
        arguments: [
            "(a*)*\\1b", "(a|a)*\\1+$", "^(a+)+\\1$", "(?=(a*)*b)\\1", "(?:(a)?){200}\\1b",
            "(?:" + String(repeating: "()", count: 600) + "b|a)*\\1$",
        ])
    func endlessReferences(pattern: String) throws {
        let evaluation = RuleEvaluation()
        let compiled = try Pattern(pattern)
        let text = String(repeating: "a", count: min(1_000, compiled.longestText - 1)) + "!"
        #expect(compiled.occurs(in: text, evaluation) == false)
        // Only what asked for it has no answer.
        #expect(evaluation.hasNoAnswer && !evaluation.isExceeded)
        #expect(evaluation.answer { _ in true } == true)
    }

    @Test("Names of groups are taken as JavaScript takes them")
    func groupNames() throws {
        let valid = [
            "(?:(?<a>x)|(?<a>y))\\k<a>", "(?<a>x)|(?<a>y)|z", "(?:(?<a>x)|(?:(?<b>y)|(?<a>z)))", "(?<\\u0061>b)\\k<a>",
            "(?<a>b)\\k<\\u{000061}>", "(?<\u{E9}t\u{E9}>b)", "(?<\u{1D49C}>b)\\k<\\uD835\\uDC9C>", "(?<$_1>b)",
            "[\\k]\\k",
            "(?<a\u{200C}>b)", "(?<a\u{E9}>b)(?<ae\u{301}>c)",
        ]
        for pattern in valid { #expect(throws: Never.self, "\(pattern)") { try Pattern(pattern) } }
        let invalid = [
            "(?<a>x)(?<a>y)", "(?<a>x)(?:|(?<a>y))", "(?:(?<a>x)|y)(?<a>z)", "(?<a>(?<a>x))", "(?=(?<a>x))(?<a>y)",
            "(?<a>x)(?<\\u0061>y)", "(?<n>a)[\\k]", "(?<n>a)[\\k<n>]", "(?<n>a)\\k", "(?<a>b)\\k<c>", "(?<1>a)",
            "(?<>a)",
            "(?<\u{20AC}>a)", "(?<\\u{110000}>a)", "(?<\\u006>a)", "(?<\\x61>a)", "(?<a", "(?<\u{200C}a>b)",
        ]
        for pattern in invalid { #expect(throws: PatternError.invalid, "\(pattern)") { try Pattern(pattern) } }
        let either = try Pattern("^(?:(?<a>x)|(?<a>y))\\k<a>$")
        #expect(["xx", "yy", "xy", "x"].map { either.occurs(in: $0) } == [true, true, false, false])
        #expect(try Pattern("(?<\\u0061>b)\\k<a>").occurs(in: "bb") == true)
    }

    @Test("Large patterns with references are refused, at once", .timeLimit(.minutes(1)))
    func tooLargeReferences() {
        for pattern in ["((a{100}){100}){100}\\1", "(){1000000000}\\1", "(a)(?:\\1{9999}){9999}"] {
            #expect(throws: PatternError.tooLarge) { try Pattern(pattern) }
        }
    }

    @Test("Texts beyond the longest are not tried, shorter for larger patterns")
    func longTexts() throws {
        let small = try Pattern("a$")
        #expect(small.longestText == Pattern.longestText)
        #expect(small.occurs(in: String(repeating: "a", count: Pattern.longestText)) == true)
        #expect(small.occurs(in: String(repeating: "a", count: Pattern.longestText + 1)) == nil)
        #expect(small.occurs(in: String(repeating: "a", count: 1_000_000)) == nil)
        let large = try Pattern("(?:ab?){1300}$")
        #expect(large.longestText < 1_100)
        #expect(large.occurs(in: String(repeating: "é", count: large.longestText)) == false)
    }

    @Test("Look-arounds within look-arounds, forwards and backwards")
    func lookArounds() throws {
        let pattern = try Pattern("(?<=(?<!no)-(?=[a-z]+(?!\\d)\\b))sale")
        #expect(pattern.occurs(in: "summer-sale") == true)
        #expect(pattern.occurs(in: "no-sale") == false)
        #expect(pattern.occurs(in: "summer-sale9") == false)
    }

    @Test("Surrogates are two units, as without the u flag")
    func units() throws {
        #expect(try Pattern("^.$").occurs(in: "😀") == false)
        #expect(try Pattern("^..$").occurs(in: "😀") == true)
        #expect(try Pattern("^\\ud83d\\ude00$").occurs(in: "😀") == true)
    }
}
