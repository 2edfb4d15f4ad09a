import ControlStore
import ExperimentsTestSupport
import JSON
import Synchronization
import Targeting
import Testing

@testable import Resources

@Suite struct RuleCheckTests {
    private let rig: ExperimentsRig

    init() throws { rig = try ExperimentsRig() }

    private func rules(_ patterns: [String]) -> JSONValue {
        let rules = patterns.map { pattern -> JSONValue in
            [
                "rule_type": "generic_text_key_value", "key": "k", "value": .string(pattern),
                "matching": ["match_type": "regexMatches", "negated": false],
            ]
        }
        return ["OR": [["AND": [["OR_WHEN": .array(rules)]]]]]
    }

    private func findings(_ document: JSONObject, old: JSONObject? = nil) async -> [ExperimentsError.Finding] {
        let known = await JudgedPatterns(of: [document])
        // What is known makes no difference.
        let errors = [known, JudgedPatterns()].map { patterns -> ExperimentsError? in
            do throws(ExperimentsError) {
                try RuleCheck.check(rulesIn: document, old: old, patterns)
                return nil
            } catch {
                return error
            }
        }
        #expect(errors[0] == errors[1])
        guard case .invalid(let findings)? = errors[0] else { return [] }
        return findings
    }

    @Test func patternsOfOneTreeCountTogether() async {
        let large = (0..<60).map { "(?:ab){1990}\($0)$" }
        let refused = await findings(JSONObject([("rules", rules(large))]))
        #expect(refused.map(\.field) == ["rules"])
        #expect(refused.first?.message.contains("at most 200000 steps") == true)
        #expect(RuleTree(rules(large)).isTooLarge)
        let some = rules(Array(large.prefix(40)))
        #expect(await findings(JSONObject([("rules", some)])).isEmpty && !RuleTree(some).isTooLarge)
        // Each member counts for itself, and what is stored stays.
        #expect(await findings(JSONObject([("rules", some), ("triggering_rule", some)])).isEmpty)
        let stored = JSONObject([("rules", rules(large))])
        #expect(await findings(stored, old: stored).isEmpty)
        let area: JSONValue = ["include": [], "exclude": rules(large)["OR"]?[0]?["AND"]?[0]?["OR_WHEN"] ?? .null]
        #expect(await findings(JSONObject([("site_area", area)])).map(\.field) == ["site_area"])
    }

    @Test func noMoreAreNamedThanAnybodyMends() async {
        let refused = await findings(JSONObject([("rules", rules(Array(repeating: "(", count: 1_000)))]))
        #expect(refused.count == 50 && refused[49].field == "rules.OR[0].AND[0].OR_WHEN[49].value")
    }

    @Test func patternsAreKnownBeforeTheTransaction() async {
        let area: JSONValue = ["include": [["value": "c"]]]
        let document = JSONObject([("rules", rules(["a", "b", "("])), ("site_area", area)])
        #expect(await JudgedPatterns(of: [document]).count == 3)
        // What is refused for its size is not looked at.
        let endless = JSONObject([("rules", rules((0..<3_000).map { "x\($0)" }))])
        #expect(await JudgedPatterns(of: [endless]).count == 0)
        let heavy = JSONObject([("rules", rules((0..<1_000).map { "(?:ab){1900}\($0)$" }))])
        #expect(await JudgedPatterns(of: [heavy]).count < 60)
    }
}
