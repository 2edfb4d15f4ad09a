import JSON
import ProjectDocuments
import ServingDocument
import Testing

@Suite struct RuleTests {
    private func rules(_ tree: JSONValue) -> JSONValue? {
        let goal = Shop.goal(1, "advanced", ["triggering_rule": tree])
        return ServedProject(Shop.web, goals: [goal]).document()["goals"]?[0]?["rules"]
    }

    @Test func everyRuleSaysHowItMatches() {
        let given: JSONValue = [
            "OR": [
                [
                    "AND": [
                        [
                            "OR_WHEN": [
                                ["rule_type": "is_mobile", "value": true], ["rule_type": "region", "value": "x"],
                                ["rule_type": "city", "value": "Bonn", "matching": ["match_type": "matches"]],
                                [
                                    "rule_type": "cookie", "key": "a", "value": "b",
                                    "matching": ["match_type": "exists", "negated": true],
                                ],
                            ]
                        ]
                    ]
                ]
            ]
        ]
        #expect(
            rules(given) == [
                "OR": [
                    [
                        "AND": [
                            [
                                "OR_WHEN": [
                                    [
                                        "rule_type": "is_mobile", "value": true,
                                        "matching": ["match_type": "equals", "negated": false],
                                    ], ["rule_type": "region", "value": "x", "matching": ["negated": false]],
                                    [
                                        "rule_type": "city", "value": "Bonn",
                                        "matching": ["match_type": "matches", "negated": false],
                                    ],
                                    [
                                        "rule_type": "cookie", "key": "a", "value": "b",
                                        "matching": ["match_type": "exists", "negated": true],
                                    ],
                                ]
                            ]
                        ]
                    ]
                ]
            ])
    }

    @Test func listsAreServedAsText() {
        func rule(_ value: JSONValue) -> JSONValue {
            Shop.tree([
                "rule_type": "generic_key_value", "key": "k", "value": value,
                "matching": ["match_type": "isIn", "negated": false],
            ])
        }
        #expect(rules(rule(["de", "AT", 7])) == rule("de|AT|7"))
        #expect(rules(rule("de|AT")) == rule("de|AT"))
    }

    @Test func idsInRulesStayNumbers() {
        let tree = Shop.tree([
            "rule_type": "goal_triggered", "value": 5, "matching": ["match_type": "equals", "negated": false],
        ])
        #expect(rules(tree) == tree)
    }

    @Test func noRulesAreNull() {
        #expect(rules(.null) == .null)
        #expect(rules([:]) == .null)
        #expect(rules(["OR": []]) == ["OR": []])
    }

    @Test func brokenTreesBreakNothing() {
        for tree: JSONValue in [
            ["OR": [1, ["AND": 2], ["AND": [3, ["OR_WHEN": 4], ["OR_WHEN": [5, "x"]]]]]], ["OR": [[:]]],
        ] {
            #expect(rules(tree) == tree)
        }
    }

    @Test func locationsSayWhatSetsThemOff() {
        let project = ServedProject(
            Shop.web, locations: [Shop.location(1, ["trigger": .null]), Shop.everyWebType.locations[1].json])
        let locations = project.document()["locations"]
        #expect(locations?[0]?["trigger"] == ["type": "upon_run"])
        #expect(locations?[1]?["trigger"] == ["type": "dom_element", "selector": "#x", "events": ["click"]])
    }

    @Test func goalsHaveTheirSettings() {
        let goals = Shop.everyWebType.document()["goals"]
        #expect(
            goals?[0] == [
                "id": "1", "name": "Goal 1", "key": "goal-1", "type": "dom_interaction", "rules": .null,
                "settings": ["tracked_items": [["selector": "a", "event": "click"]]],
            ])
        #expect(goals?[3] == ["id": "4", "name": "Goal 4", "key": "goal-4", "type": "advanced", "rules": .null])
        #expect(goals?[4]?["rules"] == Shop.tree(Shop.url(contains: "thanks")))
    }
}
