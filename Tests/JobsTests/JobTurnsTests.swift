import ControlStore
import JSON
import StoreTestSupport
import TestSupport
import Testing
import Time

@testable import Jobs

/// Many jobs of one environment keep no other waiting for all of them.
@Suite struct JobTurnsTests {
    @Test func environmentsTakeTurns() async throws {
        let temporary = try TemporaryStore()
        let jobs = JobStore(store: temporary.store, clock: HandClock().clock)
        func enqueue(_ environmentID: Int64?, _ count: Int = 1) async throws {
            for _ in 0..<count {
                try await jobs.enqueue(NewJob(kind: "deletion", environmentID: environmentID, payload: [:]))
            }
        }
        func claimed() async throws -> Int64? {
            try #require(try await jobs.claim(kind: "deletion", leaseSeconds: 60)).job.environmentID
        }
        try await enqueue(1, 6)
        try await enqueue(2, 2)
        try await enqueue(nil)
        var order: [Int64?] = []
        for _ in 0..<5 { order.append(try await claimed()) }
        #expect(order == [1, 2, nil, 1, 2])
        // Whoever comes back does not come first again.
        try await enqueue(2)
        order = []
        for _ in 0..<5 { order.append(try await claimed()) }
        #expect(order == [1, 2, 1, 1, 1])
        #expect(try await jobs.claim(kind: "deletion", leaseSeconds: 60) == nil)
    }

    @Test func kindsDoNotMix() {
        var turns = JobTurns()
        turns.give("export", 1)
        let due: [(id: String, environmentID: Int64?)] = [("a", 1), ("b", 2)]
        #expect(turns.next("deletion", of: due)?.id == "a")
        #expect(turns.next("export", of: due)?.id == "b")
        #expect(turns.next("export", of: []) == nil)
    }
}
