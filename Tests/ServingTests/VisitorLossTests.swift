import EventStore
import JSON
import Testing
import Time

@testable import Serving

/// What is forgotten of a visitor with removed events.
@Suite struct VisitorLossTests {
    private static let state = VisitorState(
        buckets: ["3": [31, 100], "2": [21, 50], "9": 91], segments: [:], goals: ["4": [0, 3, 2], "5": [1, 3]])

    private func state(
        losing experience: Int64, view: Bool = true, goals: [Int64] = [], upTo second: Int64 = 100
    ) -> VisitorState {
        var state = Self.state
        state.lose(
            ExperimentVisitorLoss(visitorID: "v", losesView: view, lostGoals: goals), experienceID: experience,
            upTo: Timestamp(seconds: second))
        return state
    }

    @Test func viewsAreForgottenUpToATime() {
        #expect(state(losing: 3).buckets == [2: 21, 9: 91])
        #expect(state(losing: 3, upTo: 99).buckets == Self.state.buckets)
        #expect(state(losing: 3, view: false) == Self.state)
        // Nobody knows when those of old were seen.
        #expect(state(losing: 9, upTo: 0).buckets == [3: 31, 2: 21])
    }

    @Test func goalsAreForgottenForTheExperience() {
        let state = state(losing: 3, goals: [4, 5, 6])
        #expect(state.goals == [4: VisitorState.KnownConversion(isImplied: false, experiences: [2])])
        #expect(self.state(losing: 8, view: false, goals: [4]) == Self.state)
    }
}
