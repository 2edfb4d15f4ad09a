import JSON
import Testing
import Text

@testable import Targeting

struct ExperienceTargetingTests {
    private static func audience(
        _ id: String, _ key: String, type: AudienceType = .transient, experienceID: (String) -> String? = { _ in nil }
    ) -> Audience {
        Audience(id: id, type: type, rules: .rule(key: key, "equals", "yes"), experienceID: experienceID)
    }

    private static func facts(_ keys: String...) -> VisitorFacts {
        VisitorFacts(attributes: Dictionary(uniqueKeysWithValues: keys.map { (ClientText($0), "yes") }))
    }

    private static func exclusion(_ key: JSONValue, negated: Bool) -> JSONValue {
        .rule("bucketed_into_experience_key", "equals", key, negated: negated)
    }

    @Test("Without audiences everybody enters; with some, one of them or all of them must match")
    func anyAndAll() {
        #expect(ExperienceTargeting().admits(VisitorFacts()))
        let audiences = [Self.audience("1", "a"), Self.audience("2", "b")]
        let any = ExperienceTargeting(audiences: audiences, audienceMatching: .any)
        let all = ExperienceTargeting(audiences: audiences, audienceMatching: .all)
        let answers = [Self.facts(), Self.facts("a"), Self.facts("b"), Self.facts("a", "b")]
            .map { (any.admits($0), all.admits($0)) }
        #expect(answers.map(\.0) == [false, true, true, true])
        #expect(answers.map(\.1) == [false, false, false, true])
    }

    @Test("Who has an arm is not asked for permanent audiences any more, but for transient ones each time")
    func stickiness() {
        let permanent = ExperienceTargeting(audiences: [Self.audience("1", "a", type: .permanent)])
        #expect(!permanent.admits(Self.facts()))
        #expect(permanent.admits(Self.facts(), isBucketed: true))
        let transient = ExperienceTargeting(audiences: [Self.audience("1", "a")])
        #expect(!transient.admits(Self.facts(), isBucketed: true))
        let both = [Self.audience("1", "a", type: .permanent), Self.audience("2", "b")]
        for matching in ListMatching.allCases {
            let targeting = ExperienceTargeting(audiences: both, audienceMatching: matching)
            #expect(targeting.admits(Self.facts("b"), isBucketed: true))
            #expect(!targeting.admits(Self.facts("a"), isBucketed: true))
        }
    }

    @Test("Segments are asked for beside the audiences, by membership and never by rules")
    func segments() {
        var member = Self.facts("a")
        member.segments = ["7"]
        let targeting = ExperienceTargeting(audiences: [Self.audience("1", "a")], segmentIDs: ["7", "8"])
        #expect(targeting.admits(member))
        #expect(!targeting.admits(Self.facts("a")))
        let byType = ExperienceTargeting(audiences: [Self.audience("7", "z", type: .segmentation)])
        #expect(byType.admits(member))
        #expect(!byType.admits(Self.facts("z")))
        #expect(!byType.admits(Self.facts("z"), isBucketed: true))
    }

    @Test("An audience without rules matches nobody")
    func withoutRules() {
        for rules in [nil, JSONValue.null, [:], []] as [JSONValue?] {
            let audience = Audience(id: "1", type: .transient, rules: rules)
            #expect(!audience.matches(Self.facts("a")))
            #expect(!ExperienceTargeting(audiences: [audience], audienceMatching: .all).admits(Self.facts("a")))
        }
    }

    @Test("Mutual exclusion asks whether the visitor is stored in the experience with the key")
    func exclusion() {
        let ids = ["first": "100"]
        func admits(_ key: JSONValue, negated: Bool, _ buckets: [ClientText: String]) -> Bool {
            var facts = VisitorFacts()
            facts.buckets = buckets
            let rules = Self.exclusion(key, negated: negated)
            return Audience(id: "1", type: .transient, rules: rules) { ids[$0] }.matches(facts)
        }
        #expect(admits("first", negated: false, ["100": "1"]) && !admits("first", negated: true, ["100": "1"]))
        #expect(!admits("first", negated: false, ["200": "1"]) && admits("first", negated: true, [:]))
        #expect(!admits("gone", negated: false, ["gone": "1"]) && admits("gone", negated: true, ["100": "1"]))
        // Outside audiences nobody resolves the key, and the rule does not match.
        #expect(!RuleTree(Self.exclusion("first", negated: true)).matches(VisitorFacts()))
    }

    @Test("A rule of exclusion decides alone, wherever it stands")
    func exclusionDecides() {
        let exclusion = Self.exclusion("first", negated: true)["OR"]?[0]?["AND"]?[0]?["OR_WHEN"]?[0] ?? .null
        let rules = JSONValue.tree([[[.element(key: "a", "equals", "yes")], [exclusion]]])
        let audience = Audience(id: "1", type: .transient, rules: rules) { _ in "100" }
        #expect(audience.matches(VisitorFacts()))
        var facts = Self.facts("a")
        facts.buckets = ["100": "1"]
        #expect(!audience.matches(facts))
    }

    @Test("Locations look at the place's attributes; with none left the experience runs nowhere")
    func locations() {
        let trees = ["x", "y"].map { RuleTree(.rule(key: $0, "equals", "yes")) }
        func admits(_ matching: ListMatching, _ keys: String...) -> Bool {
            let attributes = Dictionary(uniqueKeysWithValues: keys.map { (ClientText($0), JSONValue.string("yes")) })
            let location = LocationRestriction.locations(trees, matching)
            return ExperienceTargeting(location: location).admits(VisitorFacts(locationAttributes: attributes))
        }
        #expect(admits(.any, "x") && admits(.any, "y") && !admits(.any, "z"))
        #expect(admits(.all, "x", "y") && !admits(.all, "x"))
        #expect(!LocationRestriction.locations([], .any).admits(VisitorFacts()))
        #expect(!LocationRestriction.locations(trees, .any).admits(Self.facts("x")))
    }

    @Test("A site area includes some pages and excludes others")
    func siteArea() {
        func rule(_ text: String, isNegated: Bool = false) -> JSONValue {
            [
                "rule_type": "url", "value": .string(text),
                "matching": ["match_type": "contains", "negated": .bool(isNegated)],
            ]
        }
        let rules: JSONValue = [
            "OR": [
                [
                    "AND": [
                        ["OR_WHEN": [rule("/shop"), rule("/sale")]], ["OR_WHEN": [rule("/cart", isNegated: true)]],
                        ["OR_WHEN": [rule("/pay", isNegated: true)]],
                    ]
                ]
            ]
        ]
        let area = LocationRestriction.siteArea(RuleTree(rules))
        func admits(_ address: String) -> Bool {
            var facts = VisitorFacts()
            facts.page = PageAddress("https://example.com" + address)
            return area.admits(facts)
        }
        #expect(admits("/shop/1") && admits("/sale"))
        #expect(!admits("/") && !admits("/shop/cart") && !admits("/sale/pay"))
        #expect(!area.admits(VisitorFacts()))
    }
}
