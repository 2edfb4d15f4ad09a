import EventStore
import JSON
import ProjectDocuments
import ServingDocument
import StoreTestSupport
import Testing

@testable import Serving

@Suite struct ProductGoalsTests {
    private static func rule(_ key: String, _ match: String, _ value: JSONValue, negated: Bool = false) -> JSONValue {
        let type = value.double == nil ? "generic_text_key_value" : "generic_numeric_key_value"
        return [
            "rule_type": .string(type), "key": .string(key), "value": value,
            "matching": ["match_type": .string(match), "negated": .bool(negated)],
        ]
    }

    private static func rules(_ all: JSONValue...) -> JSONValue {
        ["OR": [["AND": .array(all.map { ["OR_WHEN": [$0]] })]]]
    }

    private func goal(
        _ id: Int64, key: String, type: String = "advanced", status: String = "active", rule: JSONValue = .null
    ) -> GoalDocument {
        GoalDocument([
            "id": .integer(id), "key": .string(key), "type": .string(type), "status": .string(status),
            "triggering_rule": rule,
        ])
    }

    private func reached(_ goals: [GoalDocument], used: Set<Int64>? = nil, _ event: EventLog.Event) -> [Int64] {
        let known = ProductGoals(goals, used: used ?? Set(goals.compactMap(\.id)))
        let view = EventLog.committed([event]).batch[0]
        return known.reached(by: view) { GoalProjection.properties(of: view) }.goalIDs
    }

    @Test func theNameIsTheGoalsKey() {
        let goals = [goal(1, key: "bought", type: "code_trigger"), goal(2, key: "h\u{E9}")]
        #expect(reached(goals, EventLog.track("u", "bought")) == [1])
        #expect(reached(goals, EventLog.track("u", "Bought")).isEmpty)
        #expect(reached(goals, EventLog.track("u", "he\u{301}")).isEmpty)
        #expect(reached(goals, EventLog.track("u", "h\u{E9}")) == [2])
        #expect(reached([], EventLog.track("u", "bought")).isEmpty)
    }

    @Test func whatCannotCountIsNotReached() {
        let goals = [goal(1, key: "a", status: "archived"), goal(2, key: "b")]
        #expect(reached(goals, EventLog.track("u", "a")).isEmpty)
        #expect(reached(goals, used: [1], EventLog.track("u", "b")).isEmpty)
        #expect(ProductGoals(goals, used: [1]).isEmpty && !ProductGoals(goals, used: [2]).isEmpty)
    }

    @Test func rulesAskForNameAndProperties() {
        let upgrade = Self.rules(
            Self.rule("event_name", "matches", "plan_changed"), Self.rule("plan", "startsWith", "pro"),
            Self.rule("seats", "less", 10, negated: true))
        let goals = [goal(1, key: "upgrade", rule: upgrade)]
        #expect(reached(goals, EventLog.track("u", "plan_changed", ["plan": "pro-2", "seats": 12])) == [1])
        #expect(reached(goals, EventLog.track("u", "plan_changed", ["plan": "pro-2", "seats": 9])).isEmpty)
        // What is not known does not match, negated or not.
        #expect(reached(goals, EventLog.track("u", "plan_changed", ["plan": "pro-2"])).isEmpty)
        #expect(reached(goals, EventLog.track("u", "seen", ["plan": "pro-2", "seats": 12])).isEmpty)
        // A property cannot pose as the name, and the key needs no rule.
        let posing: JSONValue = ["event_name": "plan_changed", "plan": "pro", "seats": 12]
        #expect(reached(goals, EventLog.track("u", "seen", posing)).isEmpty)
        #expect(reached(goals, EventLog.track("u", "upgrade")) == [1])
    }

    @Test func oneEventReachesEachGoalOnce() {
        let any = Self.rules(Self.rule("event_name", "contains", "b"))
        let goals = [goal(1, key: "bought", rule: any), goal(2, key: "other", rule: any), goal(3, key: "third")]
        #expect(reached(goals, EventLog.track("u", "bought")) == [1, 2])
    }

    /// On clicks and forms the rule says on which pages they count, not that there was one.
    @Test(arguments: [
        ("advanced", true), ("visits_page", true), ("revenue", true), ("code_trigger", false), ("clicks_link", false),
        ("submits_form", false), ("clicks_element", false), ("dom_interaction", false), ("scroll_percentage", false),
        ("ga_import", false),
    ])
    func rulesOfSomeTypesAlone(type: String, counts: Bool) {
        let goals = [goal(1, key: "g", type: type, rule: Self.rules(Self.rule("plan", "matches", "pro")))]
        #expect(reached(goals, EventLog.track("u", "e", ["plan": "pro"])) == (counts ? [1] : []))
    }

    @Test func valuesAreReadFromProperties() {
        func values(_ properties: JSONValue) -> TrackingBatch.Conversion {
            let event = EventLog.track("u", "g", properties)
            return ReachedGoal(1, EventLog.committed([event]).batch[0], properties.object ?? JSONObject()).conversion
        }
        let whole = values(["amount": 12.5, "revenue": 1, "products_count": 3.9, "transaction_id": "t-1"])
        #expect(whole == .init(goalID: 1, revenue: 12.5, productsCount: 3, transactionID: "t-1"))
        #expect(
            values(["revenue": "7.25", "transaction_id": 42]) == .init(goalID: 1, revenue: 7.25, transactionID: "42"))
        let odd: JSONValue = [
            "amount": "inf", "revenue": [1], "products_count": 1e300,
            "transaction_id": .string(String(repeating: "x", count: 256)),
        ]
        #expect(values(odd) == .init(goalID: 1))
        #expect(values([:]).form == .plain && whole.form == .transaction)
        // Only decimal numbers are amounts.
        #expect(values(["amount": "0x10", "revenue": "12,50"]) == .init(goalID: 1))
        #expect(values(["amount": " 12.50 "]) == .init(goalID: 1, revenue: 12.5))
    }

    @Test func costlyRulesOfAGoalEndTheWorkForAnEventAndAreTold() {
        func all(_ count: Int) -> JSONValue {
            let costly = Self.rule("text", "regexMatches", "(a?){110}[bc]")
            return ["OR": [["AND": [["OR_WHEN": .array(Array(repeating: costly, count: count))]]]]]
        }
        let cheap = goal(1, key: "cheap", rule: Self.rules(Self.rule("plan", "equals", "pro")))
        let event = EventLog.track(
            "u", "named", ["text": .string(String(repeating: "a", count: 5_000)), "plan": "pro"])
        let view = EventLog.committed([event]).batch[0]
        func reached(_ goals: [GoalDocument]) -> ProductGoals.Reached {
            ProductGoals(goals, used: Set(goals.compactMap(\.id)))
                .reached(by: view) { GoalProjection.properties(of: view) }
        }
        let named = goal(3, key: "named")
        let told = reached([cheap, goal(2, key: "costly", rule: all(1_000)), named])
        #expect(told.isExceeded && told.goalIDs == [3, 1])
        let late = goal(4, key: "late", rule: cheap.triggeringRule ?? .null)
        let oversized = reached([goal(2, key: "huge", rule: all(20_000)), late])
        #expect(oversized.isExceeded && oversized.goalIDs == [4])
        let back = goal(2, key: "back", rule: Self.rules(Self.rule("text", "regexMatches", "(a*)*\\1b")))
        let going = reached([back, late])
        #expect(going.isExceeded && going.goalIDs == [4])
        let light = reached([cheap])
        #expect(!light.isExceeded && light.goalIDs == [1])
    }
}
