import JSON
import Testing
import Text

@testable import Targeting

struct RuleTreeTests {
    private let yes: JSONValue = .element(key: "k", "equals", "v")
    private let no: JSONValue = .element(key: "k", "equals", "other")
    private let broken: JSONValue = ["key": "k", "value": "v"]
    private let facts = VisitorFacts(attributes: ["k": "v"])

    @Test("OR of ANDs of OR_WHENs, for every filling of two by two by two rules")
    func algebra() {
        for mask in 0..<256 {
            func holds(_ branch: Int, _ block: Int, _ rule: Int) -> Bool {
                mask >> (branch * 4 + block * 2 + rule) & 1 == 1
            }
            let rules = JSONValue.tree(
                (0..<2).map { branch in
                    (0..<2).map { block in (0..<2).map { holds(branch, block, $0) ? yes : no } }
                })
            let expected = (0..<2).contains { branch in
                (0..<2).allSatisfy { block in (0..<2).contains { holds(branch, block, $0) } }
            }
            #expect(RuleTree(rules).matches(facts) == expected, "\(mask)")
        }
    }

    @Test("A block that holds nothing, or nothing that can be evaluated, does not match")
    func emptyBlocks() {
        let nothing: [JSONValue] = [
            nil, [], "OR", 5, ["OR": []], ["OR": [["AND": []]]], ["OR": [["AND": [["OR_WHEN": []]]]]],
            ["AND": [["OR_WHEN": [yes]]]], ["OR": nil], ["OR": [nil, 1, "x"]], .tree([[[yes], []]]),
            .tree([[[broken]]]),
            .tree([[[yes], [broken]]]), .tree([[[nil, 5, "rule"]]]),
        ]
        for rules in nothing {
            #expect(!RuleTree(rules).matches(facts), "\(rules)")
            #expect(!RuleTree(rules).defects.isEmpty, "\(rules)")
        }
        #expect(RuleTree(.tree([[[broken, yes]], [[]]])).matches(facts))
    }

    @Test("What can never match is named with its place")
    func defects() {
        var unknownType = yes
        unknownType["matching"] = ["match_type": "sounds_like", "negated": false]
        var withoutNegation = yes
        withoutNegation["matching"] = ["match_type": "equals"]
        var withoutValue = yes
        withoutValue["value"] = nil
        var withoutKey = yes
        withoutKey["key"] = nil
        let rules: [JSONValue] = [
            5, broken, ["matching": ["negated": true], "value": 1], unknownType, withoutNegation, withoutValue,
            withoutKey,
            .element(key: "k", "regexMatches", "("),
            .element(key: "k", "regexMatches", "((a{100}){100}){100}"), yes,
        ]
        let found = RuleTree(.tree([[[yes], rules]])).defects
        #expect(
            found.map(\.reason) == [
                .notAnObject, .noMatching, .noMatchType, .unknownMatchType("sounds_like"), .noNegation, .noValue,
                .noKey,
                .invalidPattern, .patternTooLarge,
            ])
        #expect(found.map(\.path) == (0..<9).map { "OR[0].AND[1].OR_WHEN[\($0)]" })
        #expect(Set(found.map(\.description)).count == 9)
        #expect(found[3].description.contains("sounds_like"))
    }

    @Test("An invalid pattern does not match even when negated")
    func invalidPattern() {
        for negated in [false, true] {
            let rules = JSONValue.rule(key: "k", "regexMatches", "(", negated: negated)
            #expect(!RuleTree(rules).matches(facts))
        }
    }

    @Test("Existence needs no value, and knows what is missing, null or empty")
    func existence() {
        for (match, negated) in [("exists", false), ("doesNotExist", true)] {
            var rule = JSONValue.element(key: "k", match, nil, negated: negated)
            rule["value"] = nil
            let tree = RuleTree(.tree([[[rule]]]))
            #expect(tree.defects.isEmpty)
            #expect(tree.matches(facts))
            #expect(tree.matches(VisitorFacts(attributes: ["k": 0])))
            #expect(tree.matches(VisitorFacts(attributes: ["k": false])))
            #expect(!tree.matches(VisitorFacts(attributes: ["k": ""])))
            #expect(!tree.matches(VisitorFacts(attributes: ["k": nil])))
            #expect(!tree.matches(VisitorFacts()))
        }
    }

    @Test("Keys are found by their bytes, and only in the scope's attributes")
    func keys() {
        let composed = RuleTree(.rule(key: "\u{e9}", "exists", ""))
        #expect(composed.matches(VisitorFacts(attributes: ["\u{e9}": 1])))
        #expect(!composed.matches(VisitorFacts(attributes: ["e\u{301}": 1])))
        let both = VisitorFacts(attributes: ["e\u{301}": "no", "\u{e9}": "yes"])
        #expect(RuleTree(.rule(key: "\u{e9}", "equals", "yes")).matches(both))
        #expect(RuleTree(.rule(key: "e\u{301}", "equals", "no")).matches(both))
        #expect(!RuleTree(.rule(key: "K", "exists", "")).matches(VisitorFacts(attributes: ["k": 1])))
        let place = VisitorFacts(locationAttributes: ["k": "v"])
        #expect(!RuleTree(.tree([[[yes]]])).matches(place))
        #expect(RuleTree(.tree([[[yes]]])).matches(place, in: .location))
    }

    @Test("Numbers read as in JavaScript")
    func decimals() {
        let expected: [(Double, String)] = [
            (0, "0"), (-0.0, "0"), (1, "1"), (-1.5, "-1.5"), (0.1, "0.1"), (123_456_789, "123456789"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"), (1.5e21, "1.5e+21"), (1e-6, "0.000001"), (1.25e-7, "1.25e-7"), (1e-7, "1e-7"),
            (1.7976931348623157e308, "1.7976931348623157e+308"), (.leastNonzeroMagnitude, "5e-324"),
            (9_007_199_254_740_992, "9007199254740992"),
            (123e-20, "1.23e-18"), (100.125, "100.125"), (-1e100, "-1e+100"),
            (12_345_678_901_234_567_168, "12345678901234567000"),
        ]
        for (number, text) in expected { #expect(ScriptText.decimal(number) == text) }
    }
}
