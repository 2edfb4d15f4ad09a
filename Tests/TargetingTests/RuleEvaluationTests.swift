import JSON
import Testing
import Text

@testable import Targeting

/// What evaluations may take.
struct RuleEvaluationTests {
    private func steps(_ rules: JSONValue, _ attributes: [ClientText: JSONValue]) -> Int {
        let evaluation = RuleEvaluation(maximumSteps: 1_000_000_000)
        _ = RuleTree(rules).matches(VisitorFacts(attributes: attributes), in: .visitor, evaluation)
        return 1_000_000_000 - evaluation.remainingSteps
    }

    @Test("Costly patterns stop where the work is used up, and the answer is told to be none")
    func patternsStop() {
        let costly = JSONValue.element(key: "k", "regexMatches", "(a?){110}[bc]")
        let tree = RuleTree(.tree([[Array(repeating: costly, count: 500)]]))
        let facts = VisitorFacts(attributes: ["k": .string(String(repeating: "a", count: 5_000))])
        let evaluation = RuleEvaluation(maximumSteps: 1_000_000)
        #expect(!tree.matches(facts, in: .visitor, evaluation))
        #expect(evaluation.isExceeded && evaluation.remainingSteps == 0)
        // Nothing matches any more, negated or not.
        let negated = RuleTree(.rule(key: "k", "equals", "x", negated: true))
        #expect(!negated.matches(facts, in: .visitor, evaluation))
    }

    @Test("The same work is counted each time, and more of it for more text")
    func workIsDetermined() {
        for match in ["contains", "regexMatches", "equals", "endsWith", "isIn", "less"] {
            let rules = JSONValue.rule(key: "k", match, "zz")
            let short = steps(rules, ["k": .string(String(repeating: "a", count: 100))])
            let long = steps(rules, ["k": .string(String(repeating: "a", count: 4_000))])
            #expect(long > short && short > 0, "\(match)")
            #expect(steps(rules, ["k": .string(String(repeating: "a", count: 4_000))]) == long)
        }
    }

    @Test("A text is put in lower case once, however many rules ask for it")
    func foldsOnce() {
        let text = JSONValue.string(String(repeating: "\u{C9}", count: 10_000))
        let one = JSONValue.element(key: "k", "contains", "x")
        let single = steps(.tree([[[one]]]), ["k": text])
        let hundred = steps(.tree([[Array(repeating: one, count: 100)]]), ["k": text])
        #expect(single > 900_000 && hundred < 4 * single)
        // Names that only look alike are two texts.
        let rules = JSONValue.tree([
            [[.element(key: "\u{E9}", "contains", "a\u{DF}")], [.element(key: "e\u{301}", "contains", "b\u{DF}")]]
        ])
        let facts = VisitorFacts(attributes: ["\u{E9}": "A\u{DF}", "e\u{301}": "B\u{DF}"])
        #expect(RuleTree(rules).matches(facts))
    }

    @Test("Arrays count by what their text takes")
    func arraysCount() {
        let rules = JSONValue.tree([[Array(repeating: .element(key: "k", "contains", "x"), count: 1_000)]])
        let many = JSONValue.array(Array(repeating: .array(Array(repeating: "a", count: 100)), count: 1_000))
        let evaluation = RuleEvaluation(maximumSteps: 2_000_000)
        #expect(!RuleTree(rules).matches(VisitorFacts(attributes: ["k": many]), in: .visitor, evaluation))
        #expect(evaluation.isExceeded)
    }

    @Test("Trees beyond the limits are not evaluated")
    func largeTreesAreGivenUp() {
        let rule = JSONValue.element(key: "k", "equals", "x")
        let facts = VisitorFacts(attributes: ["k": "x"])
        let large = RuleTree(.tree([[Array(repeating: rule, count: RuleLimits.maximumRules)]]))
        #expect(!large.isTooLarge && large.matches(facts))
        let larger = RuleTree(.tree([[Array(repeating: rule, count: RuleLimits.maximumRules + 1)]]))
        let evaluation = RuleEvaluation()
        #expect(larger.isTooLarge && evaluation.answer { larger.matches(facts, in: .visitor, $0) } == nil)
        // Nothing follows from it for what is asked next.
        #expect(!evaluation.isExceeded && evaluation.answer { large.matches(facts, in: .visitor, $0) } == true)
        let patterns = JSONValue.element(key: "k", "regexMatches", "(a?){1000}")
        #expect(RuleTree(.tree([[Array(repeating: patterns, count: 900)]])).isTooLarge)
    }

    @Test("What is too much is named")
    func excessIsNamed() {
        let rule = JSONValue.element(key: "k", "equals", "x")
        let most = Array(repeating: rule, count: RuleLimits.maximumRules)
        #expect(RuleLimits.excess(of: .tree([[most]])) == nil)
        #expect(RuleLimits.excess(of: .tree([[most + [rule]]]))?.contains("\(most.count + 1) rules") == true)
        #expect(RuleLimits.excess(of: ["include": .array(most + [rule])]) != nil)
        let long = JSONValue.rule(key: "k", "equals", .string(String(repeating: "x", count: 300_000)))
        #expect(RuleLimits.excess(of: long)?.contains("bytes") == true)
    }

    @Test("A decision that takes too much is none, and those before it stay")
    func targetingIsGivenUp() {
        let costly = JSONValue.element(key: "k", "regexMatches", "(a?){110}[bc]")
        let audience = Audience(
            id: "1", type: .transient, rules: .tree([[Array(repeating: costly, count: 500)]]))
        let facts = VisitorFacts(attributes: ["k": .string(String(repeating: "a", count: 5_000))])
        let evaluation = RuleEvaluation(maximumSteps: 1_000_000)
        #expect(!ExperienceTargeting(audiences: [audience]).admits(facts, isBucketed: false, evaluation))
        #expect(evaluation.isExceeded)
    }
}
