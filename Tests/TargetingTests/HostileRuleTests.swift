import JSON
import Testing
import Text

@testable import Targeting

/// Rules and facts that somebody made to hurt.
struct HostileRuleTests {
    @Test("As many rules as are allowed compile and answer", .timeLimit(.minutes(1)))
    func manyRules() {
        let rules = (0..<RuleLimits.maximumRules).map {
            JSONValue.element(key: "k\($0)", "contains", .string("value \($0)"))
        }
        let last = VisitorFacts(attributes: ["k999": "the value 999"])
        #expect(RuleTree(.tree([[rules]])).matches(last))
        #expect(!RuleTree(.tree([rules.map { [$0] }])).matches(last))
        #expect(RuleTree(.tree(rules.map { [[$0]] })).matches(last))
    }

    @Test("Of ten thousand defects a hundred are kept")
    func manyDefects() {
        #expect(RuleTree(.tree([[[JSONValue](repeating: 5, count: 10_000)]])).defects.count == RuleTree.mostDefects)
    }

    @Test("Deep nesting in rules and in facts is read to a limit")
    func deepValues() {
        var deep: JSONValue = ["x"]
        for _ in 0..<2_000 { deep = [deep] }
        for matchType in MatchType.allCases {
            let tree = RuleTree(.rule(key: "k", matchType.rawValue, deep))
            _ = tree.matches(VisitorFacts(attributes: ["k": deep]))
            _ = tree.matches(VisitorFacts(attributes: ["k": "x"]))
        }
        #expect(deep.scriptText.isEmpty)
        #expect(RuleTree(["OR": [["AND": [["OR_WHEN": [["OR": [deep]]]]]]]]).defects.map(\.reason) == [.noMatching])
    }

    @Test("Searching a long text for a long text is linear", .timeLimit(.minutes(1)))
    func longSearch() {
        let needle = String(repeating: "a", count: 50_000) + "b"
        let tree = RuleTree(.rule(key: "k", "contains", .string(needle)))
        #expect(!tree.matches(VisitorFacts(attributes: ["k": .string(String(repeating: "a", count: 200_000))])))
        #expect(tree.matches(VisitorFacts(attributes: ["k": .string("aaa" + needle.uppercased() + "é")])))
    }

    @Test("Half-matching searches find what overlaps")
    func overlaps() {
        let tree = RuleTree(.rule(key: "k", "contains", "aabaaab"))
        #expect(tree.matches(VisitorFacts(attributes: ["k": "aabaabaaab"])))
        #expect(tree.matches(VisitorFacts(attributes: ["k": "é aabaabaaab"])))
        #expect(!tree.matches(VisitorFacts(attributes: ["k": "aabaabaab"])))
    }

    @Test("Odd numbers and texts are compared without a fault")
    func oddNumbers() {
        let odd: [JSONValue] = [
            .number("1e999"), .number("123456789012345678901234567890"), .integer(.min), .integer(.max), .double(-0.0),
            "-",
            ",", ".", "-.", "1,", ",1", "0,", "0,00", "1.", "--1", "٣", "1e5", "0x10",
            .string(String(repeating: "9", count: 400)),
            .string("0,000" + String(repeating: ",000", count: 1_000)),
        ]
        for first in odd {
            for second in odd {
                for matchType in MatchType.allCases {
                    let plain = RuleTree(.rule(key: "k", matchType.rawValue, first))
                    let negated = RuleTree(.rule(key: "k", matchType.rawValue, first, negated: true))
                    let facts = VisitorFacts(attributes: ["k": second])
                    #expect(!(plain.matches(facts) && negated.matches(facts)))
                }
            }
        }
        #expect(LooseNumber.parse(String(repeating: "9", count: 400)) == nil)
        #expect(LooseNumber.parse("0,5") == nil && LooseNumber.parse("0,125") == 0.125)
        #expect(LooseNumber.parse("-1,000.25") == -1000.25 && LooseNumber.parse("1,00") == nil)
    }
}
