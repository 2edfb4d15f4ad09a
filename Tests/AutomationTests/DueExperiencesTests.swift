import ControlStore
import Experiences
import ExperimentsTestSupport
import JSON
import Projects
import Resources
import Synchronization
import TestSupport
import Testing
import Time

@testable import Automation

/// Which experiences are looked at again.
@Suite struct DueExperiencesTests {
    /// What would be counted, and what was asked for.
    private final class Counts: ExperienceCounters {
        let ids: Set<Int64>
        let counted = Mutex<Set<Int64>?>(nil)
        let asked = Mutex<[Set<Int64>?]>([])

        init(_ ids: Set<Int64>) { self.ids = ids }

        func takeCounted() -> Set<Int64>? {
            counted.withLock { counted in
                defer { counted = [] }
                return counted
            }
        }

        func counters(of ids: Set<Int64>?) async throws -> [Int64: ExperienceCounter] {
            asked.withLock { $0.append(ids) }
            let found = ids.map { $0.intersection(self.ids) } ?? self.ids
            return Dictionary(
                uniqueKeysWithValues: found.map {
                    ($0, ExperienceCounter(projectID: 1, visitors: $0, conversions: 0))
                })
        }
    }

    private let rig: ExperimentsRig

    init() throws { rig = try ExperimentsRig() }

    private func experience(_ name: String) async throws -> Int64 {
        try await rig.add(.experiences, ["name": .string(name), "type": "a/b", "url": "https://x.example/"])
    }

    private func evaluate(_ id: Int64) async throws {
        try await rig.store.write { database in
            try Evaluation(at: rig.hand.now, ExperienceCounter(projectID: 1, visitors: id, conversions: 0), [:])
                .save(id, in: database)
        }
    }

    @Test func onlyWhatHappenedIsLookedAt() async throws {
        var ids: [Int64] = []
        for number in 0..<30 { ids.append(try await experience("E\(number)")) }
        let counts = Counts(Set(ids.dropLast()))
        let due = DueExperiences(store: rig.store, counters: counts)
        // After a start nobody knows what was missed.
        #expect(try await Set(due.all(at: rig.hand.now).keys) == Set(ids.dropLast()))
        for id in ids { due.settle(id) }
        #expect(try await due.all(at: rig.hand.now).isEmpty)
        #expect(counts.asked.withLock { $0.count } == 1, "nothing is read where nothing has happened")
        counts.counted.withLock { $0 = [ids[3]] }
        _ = try await rig.service().update(
            .experiences, ids[5], JSONObject([("settings", .object(JSONObject([("keep_winner", true)])))]), rig.scope())
        // One that nobody has visited has no results.
        _ = try await rig.service().update(.experiences, ids[29], JSONObject([("name", "Another")]), rig.scope())
        #expect(try await Set(due.all(at: rig.hand.now).keys) == [ids[3], ids[5]])
        #expect(counts.asked.withLock { $0.last } == [ids[3], ids[5], ids[29]])
        // They wait until they are looked at.
        due.settle(ids[3])
        #expect(try await Set(due.all(at: rig.hand.now).keys) == [ids[5]])
    }

    @Test func whatWaitsForATimeIsLookedAtThen() async throws {
        let (early, late) = (try await experience("A"), try await experience("B"))
        let due = DueExperiences(store: rig.store, counters: Counts([early, late]))
        for (id, seconds) in [(early, 60), (late, 120)] as [(Int64, Int64)] {
            try await rig.store.write { [now = rig.hand.now] database in
                var evaluation = Evaluation(
                    at: now, ExperienceCounter(projectID: 1, visitors: id, conversions: 0), [:])
                evaluation.dueAt = now.adding(seconds: seconds)
                try evaluation.save(id, in: database)
            }
        }
        for id in try await due.all(at: rig.hand.now).keys { due.settle(id) }
        #expect(try await due.all(at: rig.hand.now.adding(seconds: 59)).isEmpty)
        #expect(try await Set(due.all(at: rig.hand.now.adding(seconds: 60)).keys) == [early])
    }

    @Test func aProjectsSettingsConcernItsExperiencesOnly() async throws {
        let (seen, unseen) = (try await experience("A"), try await experience("B"))
        try await evaluate(seen)
        let due = DueExperiences(store: rig.store, counters: Counts([seen, unseen]))
        func change(_ body: JSONValue) async throws -> Set<Int64> {
            for id in try await due.all(at: rig.hand.now).keys { due.settle(id) }
            _ = try await rig.projects.update(
                rig.scope(), body.object ?? JSONObject(), ProjectService.Options(include: [], expand: [], baseURL: ""))
            return Set(try await due.all(at: rig.hand.now).keys)
        }
        #expect(try await change(["reporting_settings": ["keep_winner": true]]) == [seen])
        #expect(try await change(["name": "Another"]) == [])
        #expect(try await change(["reporting_settings": ["keep_winner": false]]) == [seen])
    }
}
