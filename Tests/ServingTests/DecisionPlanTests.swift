import JSON
import ServingDocument
import Targeting
import Testing
import Text

@testable import Serving

@Suite struct DecisionPlanTests {
    private func experience(
        _ id: Int, _ more: JSONValue = [:], shares: [Double] = [50, 50], changes: [[JSONValue]] = []
    ) -> JSONValue {
        var experience: JSONValue = [
            "id": .integer(Int64(id)), "key": .string("e\(id)"), "name": .string("E\(id)"), "version": 11,
            "status": "active", "audiences": [], "locations": [],
            "variations": .array(
                shares.enumerated().map { index, share in
                    [
                        "id": .integer(Int64(id * 10 + index)), "key": .string("v\(index)"), "name": "V",
                        "status": "running", "traffic_distribution": .double(share),
                        "changes": .array(index < changes.count ? changes[index] : []),
                    ]
                }),
        ]
        for (member, value) in more.object ?? JSONObject() { experience[member] = value }
        return experience
    }

    /// Of a project with these lists, as the management interface shows them.
    private func plan(_ lists: JSONValue) -> DecisionPlan {
        let project = ServedProject(
            accountID: 1, project: ["id": 1, "project_type": "fullstack"], locations: lists["locations"]?.array ?? [],
            audiences: lists["audiences"]?.array ?? [], features: lists["features"]?.array ?? [],
            experiences: lists["experiences"]?.array ?? [])
        return DecisionPlan(ServedConfig(project, ServingSelection()))
    }

    private func rule(_ type: String, _ value: JSONValue, key: String? = nil, isNegated: Bool = false) -> JSONValue {
        var rule: JSONValue = [
            "rule_type": .string(type), "value": value,
            "matching": [
                "match_type": .string(type == "generic_text_key_value" ? "matches" : "equals"),
                "negated": .bool(isNegated),
            ],
        ]
        if let key { rule["key"] = .string(key) }
        return ["OR": [["AND": [["OR_WHEN": [rule]]]]]]
    }

    private func facts(_ id: String = "v", _ attributes: [ClientText: JSONValue] = [:]) -> VisitorFacts {
        VisitorFacts(attributes: attributes, visitorID: id)
    }

    @Test func sharesAreWhatTheyAreSaidToBe() {
        let plan = self.plan(["experiences": [experience(1, shares: [10, 20])]])
        var counts: [String: Int] = [:]
        for number in 0..<20_000 {
            counts[plan.decide(facts("visitor-\(number)")).first?.variationKey ?? "none", default: 0] += 1
        }
        // Five standard deviations.
        for (variation, share) in [("v0", 0.1), ("v1", 0.2), ("none", 0.7)] {
            let deviation = (20_000 * share * (1 - share)).squareRoot() * 5
            #expect(abs(Double(counts[variation] ?? 0) - 20_000 * share) < deviation, "\(variation)")
        }
    }

    @Test func whoWasSeenInAVariationStaysInIt() {
        let plan = self.plan(["experiences": [experience(1, shares: [0, 100])]])
        var before = facts()
        before.buckets = ["1": "10"]
        let kept = plan.decide(before)
        #expect(kept.map(\.variationID) == ["10"] && kept.allSatisfy { !$0.isNew })
        before.buckets = ["1": "gone"]
        #expect(plan.decide(before).map(\.variationID) == ["11"])
    }

    @Test func audiencesAndLocationsRestrict() {
        let document: JSONValue = [
            "audiences": [
                [
                    "id": 5, "key": "pro", "type": "transient",
                    "rules": rule("generic_text_key_value", "pro", key: "plan"),
                ]
            ],
            "locations": [["id": 6, "key": "shop", "rules": rule("generic_text_key_value", "shop", key: "page")]],
            "experiences": [experience(1, ["audiences": [5]]), experience(2, ["locations": [6]])],
        ]
        let plan = self.plan(document)
        #expect(plan.decide(facts()).isEmpty)
        #expect(plan.decide(facts("v", ["plan": "pro"])).map(\.experienceKey) == ["e1"])
        var there = facts()
        there.locationAttributes = ["page": "shop"]
        #expect(plan.decide(there).map(\.experienceKey) == ["e2"])
        #expect(plan.decide(there, only: ["e1"]).isEmpty)
    }

    @Test func keysAndIdsAreTheirBytes() {
        let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
        func audience(_ id: Int64, _ key: String, _ value: String) -> JSONValue {
            [
                "id": .integer(id), "key": .string(key), "type": "transient",
                "rules": rule("generic_text_key_value", .string(value), key: key),
            ]
        }
        let document: JSONValue = [
            "audiences": [audience(5, composed, "x"), audience(6, decomposed, decomposed)],
            "experiences": [
                experience(1, ["key": .string(composed), "audiences": [5]]),
                experience(2, ["key": .string(decomposed), "audiences": [6]]),
            ],
        ]
        let plan = self.plan(document)
        func ids(_ attributes: [ClientText: JSONValue], _ only: Set<ClientText>? = nil) -> [String] {
            plan.decide(facts("v", attributes), only: only).map(\.experienceID)
        }
        #expect(Set(plan.keys).count == 2)
        #expect(ids([ClientText(composed): "x"]) == ["1"] && ids([ClientText(decomposed): "x"]) == [])
        #expect(ids([ClientText(decomposed): .string(decomposed)]) == ["2"])
        #expect(ids([ClientText(decomposed): .string(composed)]) == [])
        let both: [ClientText: JSONValue] = [ClientText(composed): "x", ClientText(decomposed): .string(decomposed)]
        #expect(ids(both) == ["1", "2"])
        #expect(ids(both, [ClientText(composed)]) == ["1"] && ids(both, [ClientText(decomposed)]) == ["2"])
    }

    /// A tree that is too large, or a pattern that goes back too often, concerns nobody else.
    @Test func rulesWithoutAnAnswerSpoilTheirOwnExperienceOnly() {
        func audience(_ id: Int64, _ patterns: [String]) -> JSONValue {
            let rules = patterns.map { pattern -> JSONValue in
                [
                    "rule_type": "generic_text_key_value", "key": "text", "value": .string(pattern),
                    "matching": ["match_type": "regexMatches", "negated": false],
                ]
            }
            let tree: JSONValue = ["OR": [["AND": [["OR_WHEN": .array(rules)]]]]]
            return ["id": .integer(id), "key": .string("a\(id)"), "type": "transient", "rules": tree]
        }
        let large = (0..<60).map { "(?:ab){1990}\($0)$" }
        let document: JSONValue = [
            "audiences": [audience(5, large), audience(6, ["(a*)*\\1b"]), audience(7, ["^a+$"])],
            "experiences": [
                experience(1, ["audiences": [5]]), experience(2), experience(3, ["audiences": [6]]),
                experience(4, ["audiences": [7]]), experience(5),
            ],
        ]
        let text = JSONValue.string(String(repeating: "a", count: 300))
        let decisions = plan(document).decide(facts("v", ["text": text]), only: nil, RuleEvaluation())
        #expect(decisions.undecidedKeys == ["e1", "e3"])
        #expect(decisions.made.map(\.experienceKey) == ["e2", "e4", "e5"])
        // Work that is used up concerns all that come later.
        let poor = plan(document)
            .decide(facts("v", ["text": text]), only: nil, RuleEvaluation(maximumSteps: 100_000))
        #expect(poor.undecidedKeys == ["e1", "e3", "e4", "e5"])
    }

    @Test func laterExperiencesKnowOfEarlierOnes() {
        let document: JSONValue = [
            "audiences": [
                [
                    "id": 5, "key": "rest", "type": "transient",
                    "rules": rule("bucketed_into_experience", true, isNegated: true),
                ]
            ],
            "experiences": [experience(1, shares: [20, 20]), experience(2, ["audiences": [5]])],
        ]
        let plan = self.plan(document)
        let keys = Set((0..<500).map { plan.decide(facts("visitor-\($0)")).map(\.experienceKey) })
        #expect(keys == [["e1"], ["e2"]])
    }

    @Test func featuresComeFromTheVariationWithTheirTypes() {
        let change: JSONValue = [
            "type": "fullStackFeature",
            "data": [
                "feature_id": 9, "variables_data": ["on": "true", "size": "7", "ratio": "x", "more": "[1]", "new": 1],
            ],
        ]
        let types = ["on": "boolean", "size": "integer", "ratio": "float", "more": "json"]
        let variables = types.sorted { $0.key < $1.key }.map { key, type -> JSONValue in
            ["key": .string(key), "type": .string(type)]
        }
        let document: JSONValue = [
            "features": [["id": 9, "key": "f", "name": "F", "variables": .array(variables)]],
            "experiences": [experience(1, shares: [100], changes: [[change]])],
        ]
        let plan = self.plan(document)
        let on = plan.features(plan.decide(facts()))
        #expect(on.map(\.experienceKey) == ["e1"])
        let expected: [String: JSONValue] = ["on": true, "size": 7, "ratio": "x", "more": [1], "new": 1]
        for (name, value) in expected { #expect(on[0].variables[name] == value, "\(name)") }
        #expect(plan.features([]).map(\.experienceKey) == [nil])
    }

    @Test func documentsWithoutSenseDecideNothing() {
        for document in [[:], ["experiences": [[:], ["id": 5]]], ["experiences": [["id": "1", "key": "k"]]]]
            as [JSONValue]
        {
            #expect(plan(document).decide(facts()).isEmpty)
        }
    }
}
