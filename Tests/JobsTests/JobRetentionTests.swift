import JSON
import StoreTestSupport
import Synchronization
import TestSupport
import Testing
import Time

@testable import Jobs

struct JobRetentionTests {
    private struct Stuck: Error {}

    private let temporary: TemporaryStore
    private let hand = HandClock()
    private let jobs: JobStore

    init() throws {
        temporary = try TemporaryStore()
        jobs = JobStore(store: temporary.store, clock: hand.clock)
    }

    private func finish(_ kind: String, _ count: Int = 1) async throws -> [String] {
        var ids: [String] = []
        for _ in 0..<count {
            ids.append(try await jobs.enqueue(NewJob(kind: kind, environmentID: 1, payload: NoPayload())).id)
            let (_, lease) = try #require(try await jobs.claim(kind: kind, leaseSeconds: 60))
            try await jobs.complete(lease, result: nil)
        }
        return ids
    }

    private func left(_ ids: [String]) async throws -> [String] {
        var left: [String] = []
        for id in ids where try await jobs.find(id, environmentID: 1) != nil { left.append(id) }
        return left
    }

    @Test func jobsGoWhenTheirTimeIsOver() async throws {
        let retention = JobRetention(seconds: 60)
        let old = try await finish("a")
        let other = try await finish("b")
        hand.advance(seconds: 30)
        let young = try await finish("a")
        let waiting = try await jobs.enqueue(NewJob(kind: "a", environmentID: 1, payload: NoPayload())).id
        hand.advance(seconds: 31)
        try await retention.removeExpired(kind: "a", from: jobs)
        #expect(try await left(old + other + young + [waiting]) == other + young + [waiting])
    }

    @Test func whatOneLeavesKeepsNoOther() async throws {
        let ids = try await finish("a", 130)
        let stuck = Mutex<String?>(ids[3])
        let removed = Mutex<[String]>([])
        let retention = JobRetention(seconds: 60) { job in
            if stuck.withLock({ $0 == job.id }) { throw Stuck() }
            removed.withLock { $0.append(job.id) }
        }
        hand.advance(seconds: 61)
        await #expect(throws: Stuck.self) { try await retention.removeExpired(kind: "a", from: jobs) }
        #expect(try await left(ids) == [ids[3]])
        stuck.withLock { $0 = nil }
        try await retention.removeExpired(kind: "a", from: jobs)
        #expect(try await left(ids).isEmpty)
        #expect(removed.withLock { Set($0).count == 130 && $0.count == 130 })
    }
}
