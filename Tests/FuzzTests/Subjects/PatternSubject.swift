@testable import Targeting

/// Regular expressions, and texts to look for them in: a line each.
struct PatternSubject: FuzzSubject {
    let samples: [[UInt8]] = .texts([
        "^(a|b)*c$\nababc", "(?:x{2,4}?y)+\nxxyxxxy", "[^\\d\\w-]+\n-- é", "(?<=a)b(?!c)\nabd", "\\bfoo\\B\nfoobar",
        "(?<n>a)\\x41\\u0042\\cJ\\0\naAB", "[a-z&&\\]^-]\nZ", "a{,5}{2\na", "İıſK\nkſ", "(a?){110}[bc]\naaaa",
        ".*.*.*=x\n=",
        "(?=(?!(?<=(?<!a))))\na", "(a+)\\1+$\naaaa", "(?<=\\1(.))(?:(a)|b\\2)*?c\naac", "a{0}b{0,0}(){3,}\nb", "[]\n",
        "[^]\nx", "\\\n", "(\n",
    ])
    let tokens: [[UInt8]] = .texts([
        "(", ")", "(?:", "(?=", "(?!", "(?<=", "(?<!", "(?<n>", "[", "]", "[^", "-", "|", "*", "+", "?", "{2}", "{0,}",
        "{1,3}", "{99999999999999999999}", "{2,1}", "\\d", "\\W", "\\b", "\\B", "\\1", "\\k<n>", "\\x", "\\u", "\\c",
        "^",
        "$", ".", "a", "é", "\u{1F600}", "\n",
    ])

    func examine(_ input: [UInt8], _ random: inout FuzzRandom) throws -> String {
        let lines = input.split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
        let (source, text) = (
            String(decoding: lines[0], as: UTF8.self), String(decoding: lines.dropFirst().first ?? [], as: UTF8.self)
        )
        let pattern: Pattern
        do {
            pattern = try Pattern(source)
        } catch {
            return "\(error)"
        }
        let answer = pattern.occurs(in: text)
        try require(pattern.occurs(in: text) == answer, "asked twice, it answers twice")
        return "\(answer.map { "\($0)" } ?? "long") \(pattern.stepCount / 8)"
    }
}
