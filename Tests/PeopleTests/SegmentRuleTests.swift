import EventStore
import JSON
import Testing
import Text
import Time

@testable import People

struct SegmentRuleTests {
    private static let person: JSONValue = [
        "plan": "pro", "seats": 5, "score": "7.5", "admin": true, "beta": "true", "off": "False", "tags": ["a", "b"],
        "none": nil, "joined": "2025-03-01T12:00:00Z", "epoch": 1_740_830_400, "epoch_ms": 1_740_830_400_000,
        "nested": ["x": 1], "empty": "", "ünï😀": "Zürich'\"",
    ]

    private func matches(_ rule: JSONValue, counts: [EventCondition: Int] = [:]) throws -> Bool {
        let candidate = SegmentCandidate(
            userID: "ann", companyID: "acme", firstSeenAt: Timestamp(seconds: 100), lastSeenAt: Timestamp(seconds: 200),
            properties: try JSONDocument(parsing: Self.person.encodedString).root,
            companyProperties: try JSONDocument(parsing: #"{"country":"CH"}"#).root,
            eventCount: { counts[$0] ?? 0 })
        var work = SegmentWork()
        return try SegmentRule(parsing: rule).matches(candidate, &work)
    }

    @Test func textIsItsBytes() throws {
        let composed = "caf\u{E9}"
        let decomposed = "cafe\u{301}"
        func holds(_ comparison: String, _ operand: JSONValue, key: String = "plan") throws -> Bool {
            let person = JSONValue.object(JSONObject([("plan", .string(composed)), ("\u{C5}", 1)]))
            let candidate = SegmentCandidate(
                userID: "ann", companyID: nil, firstSeenAt: Timestamp(seconds: 1), lastSeenAt: Timestamp(seconds: 2),
                properties: try JSONDocument(parsing: person.encodedString).root, companyProperties: nil,
                eventCount: { _ in 0 })
            let rule: JSONValue = ["user_property": .string(key), "operator": .string(comparison), "value": operand]
            var work = SegmentWork()
            return try SegmentRule(parsing: rule).matches(candidate, &work)
        }
        for comparison in ["equals", "contains", "starts_with", "ends_with"] {
            #expect(try holds(comparison, .string(composed)) && !holds(comparison, .string(decomposed)))
        }
        #expect(try holds("in", ["x", .string(composed)]) && !holds("in", ["x", .string(decomposed)]))
        #expect(try holds("not_in", ["x", .string(decomposed)]) && !holds("not_in", ["x", .string(composed)]))
        #expect(try holds("exists", nil, key: "\u{C5}") && !holds("exists", nil, key: "\u{212B}"))
        let conditions = Set([EventCondition(eventName: "\u{E9}"), EventCondition(eventName: "e\u{301}")])
        #expect(conditions.count == 2)
    }

    @Test(
        arguments: [
            ("plan", "equals", "pro", true), ("plan", "equals", "Pro", false), ("plan", "not_equals", "pro", false),
            ("plan", "not_equals", "free", true), ("missing", "equals", "x", false),
            ("missing", "not_equals", "x", true),
            ("none", "not_equals", "x", true), ("seats", "equals", 5, true), ("seats", "equals", 5.0, true),
            ("seats", "equals", "5", true), ("score", "equals", 7.5, true), ("seats", "equals", 6, false),
            ("admin", "equals", true, true), ("beta", "equals", true, true), ("plan", "equals", true, false),
            ("empty", "equals", "", true), ("nested", "equals", "x", false), ("ünï😀", "equals", "Zürich'\"", true),
            ("plan", "contains", "r", true), ("plan", "contains", "R", false), ("plan", "contains", "prom", false),
            ("tags", "contains", "b", true), ("tags", "contains", "c", false), ("missing", "contains", "x", false),
            ("plan", "not_contains", "r", false), ("plan", "not_contains", "z", true),
            ("missing", "not_contains", "x", true), ("ünï😀", "contains", "ric", true),
            ("plan", "starts_with", "pr", true), ("plan", "starts_with", "ro", false),
            ("plan", "ends_with", "ro", true), ("plan", "ends_with", "pr", false), ("seats", "starts_with", "5", true),
            ("missing", "starts_with", "x", false), ("missing", "ends_with", "x", false),
            ("seats", "greater_than", 4, true), ("seats", "greater_than", 5, false), ("seats", "at_least", 5, true),
            ("seats", "less_than", 5, false), ("seats", "less_than", 5.5, true), ("seats", "at_most", 5, true),
            ("score", "greater_than", 7, true), ("plan", "greater_than", 0, false), ("plan", "less_than", 0, false),
            ("missing", "at_most", 5, false), ("seats", "at_least", "5", true),
            ("plan", "exists", nil, true), ("none", "exists", nil, false), ("missing", "exists", nil, false),
            ("missing", "not_exists", nil, true), ("empty", "not_exists", nil, false), ("nested", "exists", nil, true),
            ("plan", "in", ["free", "pro"], true), ("plan", "in", ["free"], false), ("seats", "in", [1, 5], true),
            ("missing", "in", ["x"], false), ("plan", "not_in", ["free"], true), ("plan", "not_in", ["pro"], false),
            ("missing", "not_in", ["x"], true),
            ("admin", "is_true", nil, true), ("beta", "is_true", nil, true), ("plan", "is_true", nil, false),
            ("off", "is_false", nil, true), ("admin", "is_false", nil, false), ("missing", "is_false", nil, false),
            ("joined", "before", "2025-03-02", true), ("joined", "before", "2025-03-01", false),
            ("joined", "after", "2025-03-01", true), ("joined", "after", "2025-03-01T12:00:00Z", false),
            ("epoch", "after", "2025-03-01T11:59:59Z", true), ("epoch", "before", "2025-03-01T12:00:01Z", true),
            ("epoch_ms", "after", "2025-03-01T11:59:59Z", true), ("epoch_ms", "before", "2025-03-01T12:00:01Z", true),
            ("plan", "before", "2025-03-02", false), ("missing", "after", "2025-03-02", false),
            ("user_id", "equals", "ann", true), ("company_id", "equals", "acme", true),
            ("first_seen_at", "before", "1970-01-01T00:01:41Z", true), ("last_seen_at", "after", "1970-01-02", false),
        ] as [(String, String, JSONValue, Bool)])
    func comparesProperties(key: String, comparison: String, value: JSONValue, expected: Bool) throws {
        var rule: JSONValue = ["user_property": .string(key), "operator": .string(comparison)]
        if value != .null { rule["value"] = value }
        #expect(try matches(rule) == expected)
        #expect(try matches(["not": rule]) == !expected)
    }

    /// Neighbours that a double takes for one another, and texts that some readers take for numbers.
    @Test(
        arguments: [
            ("9007199254740993", "equals", "9007199254740993", true),
            ("9007199254740993", "equals", "9007199254740992", false),
            ("9007199254740993", "greater_than", "9007199254740992", true),
            ("9007199254740993", "less_than", "9007199254740992", false),
            ("9007199254740992", "at_least", "9007199254740993", false),
            ("9007199254740993", "at_most", "9007199254740993.0", true),
            ("18446744073709551617", "greater_than", "18446744073709551616", true),
            ("12345678901234567.89", "less_than", "12345678901234567.9", true),
            ("12345678901234567.89", "equals", "12345678901234567.890", true),
            ("50000.0000000000000001", "greater_than", "50000", true),
            ("50000.0000000000000001", "equals", "50000", false),
            ("50000.0000000000000001", "not_equals", "50000.0", true),
            ("0.1", "equals", "1e-1", true), ("0.1", "equals", "0.1000000000000000055511151231257827", false),
            ("1e2", "equals", "100", true), ("1e2", "equals", #""100""#, true), ("5.0", "equals", #""5""#, true),
            (#""5.0""#, "equals", "5", true), (#""5.0""#, "equals", #""5""#, false),
            ("1e-400", "greater_than", "0", true), (#""1e400""#, "greater_than", "1e308", true),
            (#""9007199254740993""#, "greater_than", "9007199254740992", true),
            ("9007199254740993", "in", "[1, 9007199254740992]", false),
            ("9007199254740993", "in", "[1, 9007199254740993]", true),
            ("[9007199254740993]", "contains", #""9007199254740992""#, false),
            (#""0x10""#, "equals", "16", false), (#""0x10""#, "greater_than", "1", false),
            (#""inf""#, "greater_than", "1", false), (#""nan""#, "not_equals", "1", true),
            (#"" 5""#, "at_least", "5", false), (#""5.""#, "at_least", "5", true),
        ])
    func numbersAreNotRounded(property: String, comparison: String, value: String, expected: Bool) throws {
        let candidate = SegmentCandidate(
            userID: "ann", companyID: nil, firstSeenAt: Timestamp(seconds: 1), lastSeenAt: Timestamp(seconds: 2),
            properties: try JSONDocument(parsing: "{\"n\":\(property)}").root, companyProperties: nil,
            eventCount: { _ in 0 })
        let rule = try JSONValue(
            parsing: #"{"user_property":"n","operator":"\#(comparison)","value":\#(value)}"#)
        // As the store keeps it.
        let stored = try JSONValue(parsing: rule.encodedString)
        for rule in [rule, stored] {
            var work = SegmentWork()
            #expect(try SegmentRule(parsing: rule).matches(candidate, &work) == expected)
        }
    }

    @Test func combinesConditions() throws {
        let yes: JSONValue = ["user_property": "plan", "operator": "exists"]
        let no: JSONValue = ["user_property": "plan", "operator": "not_exists"]
        #expect(try matches(["all": [yes, yes]]) && !matches(["all": [yes, no]]))
        #expect(try matches(["any": [no, yes]]) && !matches(["any": [no, no]]))
        #expect(try matches(["all": []]) && !matches(["any": []]))
        #expect(try matches(["all": [yes, ["any": [no, ["not": no]]]]]))
        #expect(try matches(["company_property": "country", "operator": "equals", "value": "CH"]))
        #expect(try !matches(["company_property": "plan", "operator": "exists"]))
    }

    @Test func comparesEventCounts() throws {
        let checkouts = EventCondition(eventName: "checkout", eventType: .track, withinDays: 30)
        let any = EventCondition(eventName: nil)
        let counts = [checkouts: 3, any: 10]
        func rule(_ comparison: String, _ count: Int64) -> JSONValue {
            [
                "event": "checkout", "event_type": "track", "operator": .string(comparison), "count": .integer(count),
                "within_days": 30,
            ]
        }
        #expect(try matches(rule("at_least", 3), counts: counts) && !matches(rule("at_least", 4), counts: counts))
        #expect(try matches(rule("at_most", 3), counts: counts) && !matches(rule("at_most", 2), counts: counts))
        #expect(try matches(rule("exactly", 3), counts: counts) && !matches(rule("exactly", 2), counts: counts))
        #expect(try matches(["event": nil, "operator": "exactly", "count": 10], counts: counts))
        #expect(try matches(["event": "never", "operator": "exactly", "count": 0], counts: counts))
    }

    @Test(arguments: [
        ("[]", "rule"), ("{}", "rule"), (#"{"all":1}"#, "rule.all"), (#"{"all":[],"any":[]}"#, "rule"),
        (#"{"all":[{"user_property":"a","operator":"exists"},{"user_property":"a"}]}"#, "rule.all[1].operator"),
        (#"{"any":[{"not":{"user_property":"","operator":"exists"}}]}"#, "rule.any[0].not.user_property"),
        (#"{"user_property":"a","operator":"like","value":"x"}"#, "rule.operator"),
        (#"{"user_property":"a","operator":"equals"}"#, "rule.value"),
        (#"{"user_property":"a","operator":"equals","value":[]}"#, "rule.value"),
        (#"{"user_property":"a","operator":"exists","value":1}"#, "rule.value"),
        (#"{"user_property":"a","operator":"at_least","value":"x"}"#, "rule.value"),
        (#"{"user_property":"a","operator":"at_least","value":"nan"}"#, "rule.value"),
        (#"{"user_property":"a","operator":"in","value":[]}"#, "rule.value"),
        (#"{"user_property":"a","operator":"in","value":[null]}"#, "rule.value"),
        (#"{"user_property":"a","operator":"contains","value":""}"#, "rule.value"),
        (#"{"user_property":"a","operator":"before","value":"2025-13-01"}"#, "rule.value"),
        (#"{"user_property":"a","operator":"exists","within_days":3}"#, "rule.within_days"),
        (#"{"event":"a","operator":"equals","count":1}"#, "rule.operator"),
        (#"{"event":"a","operator":"at_least"}"#, "rule.count"),
        (#"{"event":"a","operator":"at_least","count":-1}"#, "rule.count"),
        (#"{"event":"a","operator":"at_least","count":1.5}"#, "rule.count"),
        (#"{"event":"","operator":"at_least","count":1}"#, "rule.event"),
        (#"{"event":"a","event_type":"click","operator":"at_least","count":1}"#, "rule.event_type"),
        (#"{"event":"a","operator":"at_least","count":1,"within_days":0}"#, "rule.within_days"),
        (#"{"event":"a","operator":"at_least","count":1,"within_day":7}"#, "rule.within_day"),
    ])
    func namesThePlaceOfAMistake(json: String, path: String) throws {
        let document = try JSONValue(parsing: json)
        let error = try #require(throws: SegmentRuleError.self) { try SegmentRule(parsing: document) }
        #expect(error.path == path)
        #expect(error.description.hasPrefix("\(path): "))
    }

    @Test func depthAndSizeAreLimited() throws {
        func nested(_ depth: Int) -> JSONValue {
            depth == 1 ? ["user_property": "a", "operator": "exists"] : ["not": nested(depth - 1)]
        }
        _ = try SegmentRule(parsing: nested(8))
        let deep = #expect(throws: SegmentRuleError.self) { try SegmentRule(parsing: nested(9)) }
        #expect(deep?.path == "rule" + String(repeating: ".not", count: 8))
        let condition: JSONValue = ["user_property": "a", "operator": "exists"]
        _ = try SegmentRule(parsing: ["all": .array(Array(repeating: condition, count: 100))])
        let wide = #expect(throws: SegmentRuleError.self) {
            try SegmentRule(parsing: ["all": .array(Array(repeating: condition, count: 101))])
        }
        #expect(wide?.path == "rule.all[100]")
    }
}
