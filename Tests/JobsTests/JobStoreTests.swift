import JSON
import StoreTestSupport
import TestSupport
import Testing
import Time

@testable import Jobs

struct JobStoreTests {
    let temporary: TemporaryStore
    let hand = HandClock()
    let jobs: JobStore

    init() throws {
        temporary = try TemporaryStore()
        jobs = JobStore(store: temporary.store, clock: hand.clock)
    }

    @Test func keepsWhatItIsGiven() async throws {
        let job = try await jobs.enqueue(
            NewJob(
                kind: "export", environmentID: 1,
                payload: AnyPayload(json: ["from": "2025-01-01", "tricky": "'\"\\ü😀"])))
        let found = try #require(try await jobs.find(job.id, environmentID: 1))
        #expect(found == job)
        #expect(found.state == .queued && found.payload["tricky"] == "'\"\\ü😀")
        #expect(found.createdAt == hand.now && found.runAt == hand.now)
    }

    @Test func whatWasQueuedWhileTheClockWasAheadIsDue() async throws {
        func queue(inSeconds seconds: Int64) async throws -> String {
            try await jobs.enqueue(
                NewJob(kind: "export", environmentID: 1, payload: NoPayload(), runAt: hand.now.adding(seconds: seconds))
            ).id
        }
        func claim() async throws -> String? { try await jobs.claim(kind: "export", leaseSeconds: 60)?.job.id }
        _ = try await queue(inSeconds: 86_400)
        #expect(try await jobs.dueWork(of: ["export"]).kinds.isEmpty)
        #expect(try await claim() == nil)
        let farOff = try await queue(inSeconds: 300 * 365 * 86_400)
        #expect(try await jobs.dueWork(of: ["export"]).kinds == ["export"])
        #expect(try await claim() == farOff)
        #expect(try await claim() == nil)
    }

    @Test func aRunTakesOverWhatWaits() async throws {
        func queue(_ number: Int64, kind: String = "deletion", environmentID: Int64 = 1) async throws -> String {
            try await jobs.enqueue(
                NewJob(kind: kind, environmentID: environmentID, payload: AnyPayload(json: ["n": .integer(number)]))
            ).id
        }
        func takeOver() async throws -> (id: String, payload: JSONValue) {
            let (job, lease) = try #require(try await jobs.claim(kind: "deletion", leaseSeconds: 60))
            let joined = try await JobContext(job: job, lease: lease, jobs: jobs).takeOver(
                AnyPayload(json: job.payload), where: { $0.json["n"] != 3 }, weight: { _ in 1 }, upTo: 3,
                join: { AnyPayload(json: ["all": .array($0.map { $0.json["n"] ?? .null })]) })
            return (job.id, joined.json)
        }
        var ids: [String] = []
        for number: Int64 in 1...5 { ids.append(try await queue(number)) }
        ids.append(try await queue(6, kind: "export"))
        let first = try await takeOver()
        #expect(first.id == ids[0] && first.payload == ["all": [1, 2, 4]])
        #expect(try await jobs.find(ids[0], environmentID: 1)?.payload == first.payload)
        for (place, isLeft) in [(1, false), (2, true), (3, false), (4, true), (5, true)] {
            #expect(try await (jobs.find(ids[place], environmentID: 1) != nil) == isLeft)
        }
        // After a crash it does what it has taken over, and nothing more; nor do others take it over.
        try await jobs.recover(expiredOnly: false, crashLimit: 5)
        let again = try await takeOver()
        #expect(again.id == ids[0] && again.payload == first.payload)
        #expect(try await takeOver().payload == ["all": [3, 5]])
    }

    @Test func noEnvironmentSeesAnother() async throws {
        let job = try await jobs.enqueue(NewJob(kind: "export", environmentID: 1, payload: NoPayload()))
        #expect(try await jobs.find(job.id, environmentID: 2) == nil)
        #expect(try await jobs.list(kinds: ["export"], environmentID: 2).isEmpty)
        #expect(try await jobs.cancel(job.id, environmentID: 2) == false)
        #expect(try await jobs.find(job.id, environmentID: 1)?.state == .queued)
    }

    @Test func listsNewestFirst() async throws {
        var ids: [String] = []
        for kind in ["export", "import", "export", "mail"] {
            ids.append(try await jobs.enqueue(NewJob(kind: kind, environmentID: 1, payload: NoPayload())).id)
        }
        let listed = try await jobs.list(kinds: ["export", "import"], environmentID: 1)
        #expect(listed.map(\.id) == [ids[2], ids[1], ids[0]])
        #expect(try await jobs.list(kinds: ["export"], environmentID: 1, states: [.failed]).isEmpty)
    }

    @Test func oneUnfinishedJobOfAGroup() async throws {
        let request = NewJob(kind: "export", environmentID: 1, payload: NoPayload(), exclusiveGroup: "export")
        let outcomes = await withTaskGroup(of: Result<Job, any Error>.self) { group in
            for _ in 0..<40 {
                group.addTask { [jobs] in
                    do { return .success(try await jobs.enqueue(request)) } catch { return .failure(error) }
                }
            }
            return await group.reduce(into: [Result<Job, any Error>]()) { $0.append($1) }
        }
        let winners = outcomes.compactMap { try? $0.get() }
        let winner = try #require(winners.first)
        #expect(winners.count == 1)
        for case .failure(let error) in outcomes {
            #expect(error as? JobError == .alreadyRunning(jobID: winner.id))
        }
        // Neither another environment nor another group is held up, nor the same one once the job is finished.
        var other = request
        other.environmentID = 2
        try await jobs.enqueue(other)
        other = request
        other.exclusiveGroup = "import"
        try await jobs.enqueue(other)
        #expect(try await jobs.cancel(winner.id, environmentID: 1))
        try await jobs.enqueue(request)
    }

    @Test func oldLeaseChangesNothing() async throws {
        let job = try await jobs.enqueue(NewJob(kind: "export", environmentID: 1, payload: NoPayload()))
        let first = try #require(try await jobs.claim(kind: "export", leaseSeconds: 60))
        #expect(try await jobs.claim(kind: "export", leaseSeconds: 60) == nil)
        hand.advance(seconds: 61)
        #expect(try await jobs.recover(expiredOnly: true, crashLimit: 5) == 1)
        let second = try #require(try await jobs.claim(kind: "export", leaseSeconds: 60))
        await #expect(throws: JobError.leaseLost(jobID: job.id)) {
            try await jobs.complete(first.lease, result: "stale")
        }
        await #expect(throws: JobError.leaseLost(jobID: job.id)) { try await jobs.extend(first.lease, seconds: 9) }
        try await jobs.complete(second.lease, result: "fresh")
        let found = try #require(try await jobs.find(job.id, environmentID: 1))
        #expect(found.result == "fresh" && found.crashes == 1 && found.state == .completed)
    }

    @Test func livingLeasesAreLeftAlone() async throws {
        try await jobs.enqueue(NewJob(kind: "export", environmentID: 1, payload: NoPayload()))
        let (_, lease) = try #require(try await jobs.claim(kind: "export", leaseSeconds: 60))
        hand.advance(seconds: 50)
        try await jobs.extend(lease, seconds: 60)
        hand.advance(seconds: 50)
        #expect(try await jobs.recover(expiredOnly: true, crashLimit: 5) == 0)
    }

    @Test func aClockThatIsMovedEndsNoRun() async throws {
        let job = try await jobs.enqueue(NewJob(kind: "export", environmentID: 1, payload: NoPayload()))
        let (_, lease) = try #require(try await jobs.claim(kind: "export", leaseSeconds: 60))
        hand.advance(seconds: 3_600)
        #expect(try await jobs.recover(expiredOnly: true, crashLimit: 5, sparing: [job.id]) == 0)
        try await jobs.extend(lease, seconds: 60)
        try await jobs.complete(lease, result: "done")
        #expect(try await jobs.find(job.id, environmentID: 1)?.crashes == 0)
    }

    @Test func aJobThatKeepsCrashingFails() async throws {
        let job = try await jobs.enqueue(NewJob(kind: "export", environmentID: 1, payload: NoPayload()))
        for _ in 0..<3 {
            _ = try #require(try await jobs.claim(kind: "export", leaseSeconds: 60))
            try await jobs.recover(expiredOnly: false, crashLimit: 3)
        }
        let found = try #require(try await jobs.find(job.id, environmentID: 1))
        #expect(found.state == .failed && found.crashes == 3 && found.finishedAt != nil)
        #expect(found.error == "the server stopped unexpectedly 3 times while running this job")
    }

    @Test func retentionDeletesFinishedJobsOnly() async throws {
        let done = try await jobs.enqueue(NewJob(kind: "export", environmentID: 1, payload: NoPayload()))
        try await jobs.cancel(done.id, environmentID: 1)
        let waiting = try await jobs.enqueue(NewJob(kind: "export", environmentID: 1, payload: NoPayload()))
        let later = hand.now.adding(seconds: 1)
        #expect(try await jobs.finished(kind: "export", before: hand.now).isEmpty)
        #expect(try await jobs.finished(kind: "export", before: later).map(\.id) == [done.id])
        #expect(try await jobs.deleteFinished(waiting.id) == false)
        #expect(try await jobs.deleteFinished(kind: "export", before: later) == 1)
        #expect(try await jobs.list(kinds: ["export"], environmentID: 1).map(\.id) == [waiting.id])
    }

    @Test func delaysDoubleUpToALimit() {
        let policy = JobRetryPolicy(maximumFailures: 9, firstDelaySeconds: 5, longestDelaySeconds: 60)
        #expect((1...6).map { policy.delaySeconds(afterFailure: $0) } == [5, 10, 20, 40, 60, 60])
    }
}
