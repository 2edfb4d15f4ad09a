import ControlStore
import Experiences
import ExperimentsTestSupport
import JSON
import Resources
import TestSupport
import Testing

@testable import Automation

@Suite struct ResultRemovalTests {
    /// What was found before the removal is no longer what is kept, be it the first that was ever found.
    @Test func whoeverIsLookingAtTheExperienceIsOvertaken() async throws {
        let rig = try ExperimentsRig()
        let id = try await rig.add(.experiences, ["name": "E", "type": "a/b", "url": "https://x.example/"])
        func kept() async throws -> Evaluation? { try await rig.store.read { try Evaluation.fetch(id, from: $0) } }
        let before = try await kept()
        let removal = ResultRemoval(store: rig.store, clock: rig.hand.clock)
        for _ in 0..<2 {
            try await removal.forget(experienceID: id, projectID: 1)
            let after = try #require(try await kept())
            #expect(after.evaluatedAt != before?.evaluatedAt && after.horizonPassedAt == nil)
            // What was told of the report before may be told of the one that begins.
            #expect(after.announced.isEmpty)
            #expect(after.traffic != ExperienceCounter(projectID: 1, visitors: 0, conversions: 0))
            var passed = after
            passed.horizonPassedAt = rig.hand.now
            passed.announced = [.winner, .mismatch]
            try await rig.store.write { [passed] in try passed.save(id, in: $0) }
            #expect(try await kept()?.announced == [.winner, .mismatch])
        }
        // One that is gone has nothing to be forgotten.
        try await removal.forget(experienceID: 9_999, projectID: 1)
    }
}
