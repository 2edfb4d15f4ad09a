import EventStore
import JSON
import ServingDocument
import StoreTestSupport
import Testing
import Time

@testable import Serving

@Suite struct ReachedGoalDecisionTests {
    private let project = TrackedProject(
        ServedProject(
            accountID: 1, project: ["id": 1],
            goals: [["id": 5, "status": "active"], ["id": 6, "status": "active"]],
            experiences: [
                experience(10, goals: [5], environment: "one"), experience(11, goals: [5, 6], environment: "one"),
                experience(12, goals: [5], environment: "two"),
                experience(13, goals: [5], environment: "one", status: "paused"),
            ]),
        environments: [.init(id: 1, name: "one", isDefault: true), .init(id: 2, name: "two", isDefault: false)])
    private let seenAt = Timestamp(seconds: 1_750_000_000)

    private static func experience(
        _ id: Int64, goals: [Int64], environment: String, status: String = "active"
    ) -> JSONValue {
        [
            "id": .integer(id), "status": .string(status), "goals": JSONValue(goals),
            "environment": .string(environment), "variations": [["id": .integer(id * 10), "status": "running"]],
        ]
    }

    private func state(_ experiences: Int64..., variation: Int64 = 0) -> VisitorState {
        var state = VisitorState()
        for id in experiences { state.enter(id, id * 10 + variation, at: seenAt) }
        return state
    }

    private func decide(
        goal goalID: Int64 = 5, after seconds: Int64 = 10, environmentID: Int64 = 1,
        _ visitors: [(String, VisitorState)]
    ) -> [String] {
        let event = EventLog.track("u", "g", at: seenAt.seconds + seconds, environmentID: environmentID)
        let goal = ReachedGoal(goalID, EventLog.committed([event]).batch[0], JSONObject())
        return ReachedGoalDecision(goal, by: visitors.map { (id: $0.0, state: $0.1) }, in: project).kept.map {
            "\($0.visitorID) \($0.kept.assignments.map(\.experienceID))"
        }
    }

    @Test func countsForTheExperiencesSomebodyIsIn() {
        #expect(decide([("a", state(10, 11, 12, 13))]) == ["a [10, 11]"])
        #expect(decide(goal: 6, [("a", state(10, 11))]) == ["a [11]"])
        #expect(decide([("a", VisitorState())]).isEmpty)
        #expect(decide([("a", state(10, variation: 5))]).isEmpty)
        #expect(decide(goal: 7, [("a", state(10))]).isEmpty)
    }

    @Test func environmentsAreApart() {
        #expect(decide(environmentID: 2, [("a", state(10, 12))]) == ["a [12]"])
        #expect(decide(environmentID: 3, [("a", state(10, 12))]).isEmpty)
    }

    @Test func whatCameBeforeTheViewDoesNotCount() {
        #expect(decide(after: -59, [("a", state(10))]) == ["a [10]"])
        #expect(decide(after: -61, [("a", state(10))]).isEmpty)
        // Of visitors of old it is not known when they saw it.
        let old = VisitorState(buckets: ["10": 100], segments: [:])
        #expect(decide(after: -61, [("a", old)]) == ["a [10]"])
    }

    @Test func aPersonCountsOnceAnExperience() {
        #expect(decide([("a", state(10)), ("b", state(10, 11)), ("c", state(11))]) == ["a [10]", "b [11]"])
    }

    @Test func statesAreStoredWithTheTime() {
        let state = state(10, 11)
        #expect(VisitorState(buckets: state.bucketsDocument, segments: [:]) == state)
        let odd = VisitorState(buckets: ["10": [], "11": ["x", 1], "y": 3, "12": [120, "x"]], segments: [:])
        #expect(odd.buckets == [12: 120] && odd.seenAt.isEmpty)
    }

    /// A view that comes in a little after the goal; reports count from the view on.
    @Test func whatIsStoredIsNotBeforeTheView() {
        func occurredAt(after seconds: Int64) -> Int64? {
            let event = EventLog.track("u", "g", at: seenAt.seconds + seconds)
            let goal = ReachedGoal(5, EventLog.committed([event]).batch[0], JSONObject())
            return ReachedGoalDecision(goal, by: [(id: "a", state: state(10))], in: project)
                .kept.first.map { $0.occurredAt.seconds - seenAt.seconds }
        }
        #expect(occurredAt(after: -30) == 1)
        #expect(occurredAt(after: 0) == 1)
        #expect(occurredAt(after: 7) == 7)
    }
}
