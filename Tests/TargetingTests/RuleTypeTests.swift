import JSON
import Testing
import Text

@testable import Targeting

/// Each rule type of the contract against the fact it asks for.
struct RuleTypeTests {
    /// A fact, and a rule about it that matches and one that does not.
    private struct Question {
        let type: String
        let key: String?
        let matchType: String
        let hit: JSONValue
        let miss: JSONValue

        init(_ type: String, _ matchType: String, _ hit: JSONValue, _ miss: JSONValue, key: String? = nil) {
            self.type = type
            self.key = key
            self.matchType = matchType
            self.hit = hit
            self.miss = miss
        }
    }

    private static let questions: [Question] = [
        Question("url", "matches", "https://example.com/Cart", "https://example.com/cart?a=1"),
        Question("url_with_query", "endsWith", "?a=1&b=2", "#top"),
        Question("query_string", "contains", "b=2", "cart"),
        Question("campaign", "matches", "Spring", "autumn"),
        Question("keyword", "startsWith", "run", "shoes"),
        Question("medium", "matches", "CPC", "mail"),
        Question("source_name", "regexMatches", "^goo+gle$", "bing"),
        Question("city", "matches", "Graz", "Wien"),
        Question("region", "contains", "mark", "tirol"),
        Question("country", "equals", "at", "de"),
        Question("language", "equals", "DE", "en"),
        Question("weather_condition", "contains", "rain", "snow"),
        Question("browser_name", "equals", "firefox", "safari"),
        Question("browser_version", "startsWith", "128.", "127"),
        Question("os", "equals", "linux", "windows"),
        Question("user_agent", "contains", "gecko", "webkit"),
        Question("is_desktop", "equals", true, false),
        Question("is_mobile", "equals", false, true),
        Question("is_tablet", "equals", false, true),
        Question("cookie", "matches", "abc", "abd", key: "session"),
        Question("js_condition", "equals", "return 1 < 2", "return 2 < 1"),
        Question("visitor_id", "matches", "visitor-1", "visitor-2"),
        Question("visitor_type", "equals", "returning", "new"),
        Question("visits_count", "lessEqual", 7, 6),
        Question("days_since_last_visit", "less", 3, 2),
        Question("pages_visited_count", "equalsNumber", 4, 5),
        Question("visit_duration", "less", 100.5, 90),
        Question("avg_time_page", "lessEqual", "22.5", "22.4"),
        Question("visitor_data_exists", "equals", true, false),
        Question("bucketed_into_experience", "equals", true, false),
        Question("bucketed_into_segment", "equals", 31, 32),
        Question("goal_triggered", "equals", 41, "42"),
        Question("local_time_day_of_week", "equalsNumber", 2, 3),
        Question("local_time_hour_of_day", "less", 14, 13),
        Question("local_time_minute_of_hour", "lessEqual", 59, 58),
        Question("project_time_day_of_week", "equalsNumber", 1, 2),
        Question("project_time_hour_of_day", "less", 24, 23),
        Question("project_time_minute_of_hour", "lessEqual", 0, -1),
        Question("page_tag_page_type", "matches", "product", "home"),
        Question("page_tag_category_id", "matches", "7", "8"),
        Question("page_tag_category_name", "contains", "shoe", "hat"),
        Question("page_tag_product_sku", "startsWith", "SKU-", "7"),
        Question("page_tag_product_name", "endsWith", "boots", "boot"),
        Question("page_tag_product_price", "less", 60, 59.9),
        Question("page_tag_customer_id", "matches", "c9", "c8"),
        Question("page_tag_custom_1", "matches", "one", "two"),
        Question("page_tag_custom_2", "matches", "two", "one"),
        Question("page_tag_custom_3", "matches", "three", "one"),
        Question("page_tag_custom_4", "matches", "four", "one"),
        Question("generic_text_key_value", "matches", "Gold", "silver", key: "plan"),
        Question("generic_numeric_key_value", "less", 43, "42", key: "age"),
        Question("generic_bool_key_value", "equals", "true", false, key: "vip"),
        Question("generic_key_value", "isIn", "silver|gold", ["silver"], key: "plan"),
    ]

    private static let known: VisitorFacts = {
        var facts = VisitorFacts(attributes: ["plan": "gold", "age": "42", "vip": true], visitorID: "visitor-1")
        facts.page = PageAddress("https://example.com/Cart?a=1&b=2#top")
        facts.pageTags = [
            .pageType: "product", .categoryID: 7, .categoryName: "Shoes", .productSKU: "sku-77",
            .productName: "Winter boots", .productPrice: 59.9, .customerID: "C9", .custom1: "one", .custom2: "two",
            .custom3: "three", .custom4: "four",
        ]
        facts.source.campaign = "spring"
        facts.source.keyword = "running shoes"
        facts.source.medium = "cpc"
        facts.source.name = "Google"
        facts.country = "AT"
        facts.region = "Steiermark"
        facts.city = "Graz"
        facts.language = "de"
        facts.weatherCondition = "Light rain"
        facts.device.browserName = "firefox"
        facts.device.browserVersion = "128.0.1"
        facts.device.operatingSystem = "linux"
        facts.device.userAgent = "Mozilla/5.0 (X11) Gecko/20100101"
        facts.device.category = .desktop
        facts.cookies = ["session": "ABC"]
        facts.scriptConditions = ["return 1 < 2": true, "return 2 < 1": false]
        facts.visits.isReturning = true
        facts.visits.count = 7
        facts.visits.daysSinceLast = 2
        facts.visits.pages = 4
        facts.visits.duration = 90
        facts.visits.averagePageTime = 22.5
        facts.visits.hasStoredData = true
        facts.buckets = ["100": "1001"]
        facts.segments = ["31"]
        facts.goals = ["41"]
        facts.localTime = ClockFacts(dayOfWeek: 2, hour: 13, minute: 59)
        facts.projectTime = ClockFacts(dayOfWeek: 1, hour: 23, minute: 0)
        return facts
    }()

    @Test("Every type answers from its fact, and the other way round when negated")
    func everyType() {
        let types = RuleType.allCases.filter { $0 != .bucketedIntoExperienceKey }.map(\.rawValue)
        #expect(Set(Self.questions.map(\.type)) == Set(types))
        for question in Self.questions {
            for (value, isHit) in [(question.hit, true), (question.miss, false)] {
                for negated in [false, true] {
                    let tree = RuleTree(
                        .rule(question.type, question.matchType, value, negated: negated, key: question.key))
                    #expect(tree.defects.isEmpty)
                    #expect(tree.matches(Self.known) == (isHit != negated), "\(question.type) \(value) \(negated)")
                }
            }
        }
    }

    @Test("What is unknown does not match, negated or not")
    func unknown() {
        for question in Self.questions where question.type != "bucketed_into_experience" {
            for negated in [false, true] {
                let tree = RuleTree(
                    .rule(question.type, question.matchType, question.hit, negated: negated, key: question.key))
                #expect(!tree.matches(VisitorFacts(attributes: ["else": 1])), "\(question.type)")
            }
        }
    }

    @Test("Where the fact is unknown, a rule with a key is about the attribute of that name, whatever its type")
    func attributeBehindType() {
        let tree = RuleTree(.rule("country", "equals", "at", key: "country"))
        #expect(tree.matches(VisitorFacts(attributes: ["country": "AT"])))
        var known = VisitorFacts(attributes: ["country": "AT"])
        known.country = "DE"
        #expect(!tree.matches(known))
        let unheardOf = RuleTree(.rule("star_sign", "equals", "leo", key: "sign"))
        #expect(unheardOf.matches(VisitorFacts(attributes: ["sign": "Leo"])))
        #expect(!RuleTree(.rule("star_sign", "equals", "leo")).matches(VisitorFacts(attributes: ["sign": "Leo"])))
    }

    @Test("A cookie that is not there is known to be missing, and does not compare")
    func cookies() {
        var facts = VisitorFacts()
        facts.cookies = [:]
        #expect(RuleTree(.rule("cookie", "doesNotExist", "", key: "a")).matches(facts))
        #expect(!RuleTree(.rule("cookie", "exists", "", key: "a")).matches(facts))
        #expect(!RuleTree(.rule("cookie", "matches", "x", negated: true, key: "a")).matches(facts))
    }

    @Test("Being in an experience: any, or one by id")
    func bucketed() {
        func matches(_ value: JSONValue, negated: Bool = false, _ facts: VisitorFacts) -> Bool {
            RuleTree(.rule("bucketed_into_experience", "equals", value, negated: negated)).matches(facts)
        }
        let nobody = VisitorFacts()
        #expect(matches(true, Self.known) && !matches(true, nobody))
        #expect(!matches(false, Self.known) && matches(false, nobody))
        #expect(matches(100, Self.known) && matches("100", Self.known) && !matches(101, Self.known))
        #expect(matches(101, negated: true, Self.known) && matches(100, negated: true, nobody))
    }

    @Test("Addresses fall apart at the first question mark and number sign")
    func addresses() {
        let plain = PageAddress("https://example.com/a")
        #expect(plain.url == "https://example.com/a" && plain.urlWithQuery == plain.url && plain.queryString.isEmpty)
        let all = PageAddress("https://example.com/ä?x=?&y#z?w#")
        #expect(all.url == "https://example.com/ä")
        #expect(all.urlWithQuery == "https://example.com/ä?x=?&y")
        #expect(all.queryString == "x=?&y")
        let fragment = PageAddress("/a#b?c")
        #expect(fragment.url == "/a" && fragment.queryString.isEmpty)
        #expect(PageAddress("").url.isEmpty)
    }
}
