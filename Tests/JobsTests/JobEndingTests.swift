import ControlStore
import JSON
import StoreTestSupport
import Synchronization
import TestSupport
import Testing
import Time

@testable import Jobs

/// What goes along with the end of jobs.
struct JobEndingTests {
    private let temporary: TemporaryStore
    private let hand = HandClock()
    private let jobs: JobStore
    private let ended = Ended()

    private final class Ended: Sendable {
        let states = Mutex<[JobState]>([])
        let isRefusing = Mutex(false)
    }

    private struct Refusal: Error {}

    init() throws {
        temporary = try TemporaryStore()
        jobs = JobStore(
            store: temporary.store, clock: hand.clock,
            endings: [
                "export": { [ended] job, _ in
                    if ended.isRefusing.withLock({ $0 }) { throw Refusal() }
                    ended.states.withLock { $0.append(job.state) }
                }
            ])
    }

    private func lease(_ kind: String = "export") async throws -> JobLease {
        try await jobs.enqueue(NewJob(kind: kind, environmentID: 1, payload: NoPayload()))
        return try #require(try await jobs.claim(kind: kind, leaseSeconds: 60)).lease
    }

    private var states: [JobState] { ended.states.withLock { $0 } }

    @Test func everyEndIsToldOnce() async throws {
        try await jobs.complete(try await lease(), result: nil)
        try await jobs.fail(try await lease(), error: "why")
        try await jobs.retry(try await lease(), at: hand.now, error: "again")
        #expect(states == [.completed, .failed])
        let waiting = try #require(try await jobs.list(kinds: ["export"], environmentID: 1, states: [.queued]).first)
        try await jobs.cancel(waiting.id, environmentID: 1)
        try await jobs.cancel(waiting.id, environmentID: 1)
        #expect(states == [.completed, .failed, .failed])
        _ = try await lease()
        try await jobs.recover(expiredOnly: false, crashLimit: 1)
        #expect(states.count == 4)
        try await jobs.complete(try await lease("import"), result: nil)
        #expect(states.count == 4)
    }

    @Test func theEndIsThereExactlyWhenWhatGoesAlongIs() async throws {
        let lease = try await lease()
        ended.isRefusing.withLock { $0 = true }
        await #expect(throws: Refusal.self) { try await jobs.complete(lease, result: nil) }
        #expect(try await jobs.find(lease.jobID, environmentID: 1)?.state == .running)
    }
}
