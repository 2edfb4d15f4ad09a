import JSON
import Text

@testable import Targeting

/// Rules of audiences and locations, and what they are asked about.
struct RuleSubject: FuzzSubject {
    private static func rule(_ members: String) -> String { #"{"OR":[{"AND":[{"OR_WHEN":[{\#(members)}]}]}]}"# }

    let samples: [[UInt8]] = .texts(
        MatchType.allCases.map { type in
            rule(
                #""rule_type":"generic_text_key_value","key":"plan","value":"pro|free","#
                    + #""matching":{"match_type":"\#(type.rawValue)","negated":false}"#)
        }
            + RuleType.allCases.map { type in
                rule(
                    #""rule_type":"\#(type.rawValue)","key":"k","value":3,"#
                        + #""matching":{"match_type":"less","negated":true}"#)
            }
            + [
                rule(#""key":"n","value":[1,"0,125",null,{"a":1}],"matching":{"match_type":"isIn","negated":false}"#),
                rule(#""key":"t","value":"(a|b)+$","matching":{"match_type":"regexMatches","negated":false}"#),
            ])
    let tokens: [[UInt8]] = .texts(
        [
            "{\"OR\":[", "{\"AND\":[", "{\"OR_WHEN\":[", "\"matching\":{", "\"match_type\":", "\"negated\":",
            "\"value\":",
            "\"key\":", "\"plan\"", "\"n\"", "\"t\"", "\"list\"", "true", "false", "\"1,234.5\"", "\"0,125\"", "\"σς\"",
        ] + MatchType.allCases.map { "\"\($0.rawValue)\"" } + RuleType.allCases.map { "\"\($0.rawValue)\"" })

    private static let attributes: [ClientText: JSONValue] = [
        "plan": "Pro", "n": 3.5, "t": "ΑΣ aab İ", "list": [1, "a", [2, ["b"]], nil], "k": ["a": ["b": 1]],
        "e\u{301}": 1,
        "big": .number("123456789012345678901"), "none": nil, "flag": true, "comma": "1,234.5", "empty": "",
    ]

    func examine(_ input: [UInt8], _ random: inout FuzzRandom) throws -> String {
        guard let value = try? JSONValue(parsing: input) else { return "no JSON" }
        let tree = RuleTree(value)
        let facts = Self.facts(&random)
        let answers = (tree.matches(facts), tree.matches(facts, in: .location))
        try require(tree.matches(facts) == answers.0, "asked twice, it answers twice")
        try require(tree.defects.count <= RuleTree.mostDefects, "\(tree.defects.count) defects")
        let audience = Audience(id: "1", type: random.pick(AudienceType.allCases), rules: value) { _ in "7" }
        let targeting = ExperienceTargeting(audiences: [audience], segmentIDs: random.once(in: 2) ? ["1"] : [])
        _ = targeting.admits(facts, isBucketed: random.once(in: 2))
        return "\(answers) \(tree.defects.prefix(2).map { "\($0.reason)" })"
    }

    private static func facts(_ random: inout FuzzRandom) -> VisitorFacts {
        var facts = VisitorFacts(attributes: attributes, locationAttributes: attributes, visitorID: "ann")
        guard random.once(in: 2) else { return facts }
        facts.page = PageAddress("https://x.example/a?b=c")
        facts.visits.count = 3
        facts.cookies = ["k": "v"]
        facts.segments = ["1"]
        facts.goals = []
        facts.buckets = ["7": "8"]
        facts.scriptConditions = ["3": true]
        facts.localTime = ClockFacts(dayOfWeek: 7, hour: 23, minute: 59)
        return facts
    }
}
