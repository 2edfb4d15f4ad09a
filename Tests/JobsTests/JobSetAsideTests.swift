import ControlStore
import JSON
import Logging
import ServiceLifecycle
import StoreTestSupport
import Synchronization
import TestSupport
import Testing
import Time

@testable import Jobs

/// Jobs that fail for good stop no others, and can be tried again.
struct JobSetAsideTests {
    private let temporary: TemporaryStore
    private let hand = HandClock()
    private let jobs: JobStore
    private let setAside: SetAsideService
    private let owner = SetAsideStore.Owner(environmentID: 1, projectID: 1)

    init() throws {
        temporary = try TemporaryStore()
        let jobs = JobStore(store: temporary.store, clock: hand.clock)
        self.jobs = jobs
        setAside = SetAsideService(
            store: SetAsideStore(store: temporary.store, clock: hand.clock),
            retries: [.job: { try await jobs.tryAgain($0) }])
    }

    private func withWorker(
        _ registrations: [JobRegistration], _ body: () async throws -> Void
    ) async throws {
        var configuration = JobWorker.Configuration()
        configuration.pollInterval = .milliseconds(10)
        let worker = JobWorker(
            jobs: jobs, registrations: registrations, configuration: configuration,
            logger: Logger(label: "jobs") { _ in SwiftLogNoOpLogHandler() })
        let task = Task { try await worker.run() }
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        task.cancel()
        try await task.value
        try outcome.get()
    }

    private func registration(
        _ kind: String, _ body: @escaping @Sendable (JobContext) async throws -> Void = { _ in }
    ) -> JobRegistration {
        JobRegistration(
            kind: kind, handler: ClosureHandler(body: body),
            retry: JobRetryPolicy(maximumFailures: 3, firstDelaySeconds: 0))
    }

    private func add(_ kind: String, environmentID: Int64? = 1, _ payload: JSONValue = [:]) async throws -> Job {
        try await jobs.enqueue(NewJob(kind: kind, environmentID: environmentID, payload: AnyPayload(json: payload)))
    }

    private func expect(
        _ job: Job, toBecome state: JobState, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let isThere = try await eventually {
            try await self.temporary.store.read { database in
                try database.value(String.self, sql: "SELECT state FROM jobs WHERE id = ?", arguments: [job.id])
            } == state.rawValue
        }
        #expect(isThere, "the job did not become \(state)", sourceLocation: sourceLocation)
    }

    private func listed() async throws -> [SetAsideItem] {
        try await setAside.store.list(of: owner, kind: .job, after: 0, limit: 10).items
    }

    private func damage(_ job: Job, _ payload: String) async throws {
        try await temporary.store.write { database in
            try database.execute(sql: "UPDATE jobs SET payload = ? WHERE id = ?", arguments: [payload, job.id])
        }
    }

    @Test func oneThatCannotBeReadStopsNoOther() async throws {
        let broken = try await add("a")
        try await damage(broken, "{")
        let same = try await add("a")
        let other = try await add("b", environmentID: 2)
        try await withWorker([registration("a"), registration("b")]) {
            try await expect(same, toBecome: .completed)
            try await expect(other, toBecome: .completed)
            try await expect(broken, toBecome: .failed)
            #expect(try await jobs.find(broken.id, environmentID: 1)?.payload == .null)
            #expect(try await jobs.list(kinds: ["a"], environmentID: 1).count == 2)
            let item = try #require(try await listed().first)
            #expect(item.entry.subject == broken.id && item.entry.reason.hasPrefix("The job's payload cannot be read"))
            guard case .failed = try await setAside.retry(item.id, of: owner) else {
                Issue.record("a damaged job was put back")
                return
            }
            try await damage(broken, "{}")
            #expect(try await setAside.retry(item.id, of: owner) == .digested)
            try await expect(broken, toBecome: .completed)
            #expect(try await listed().isEmpty)
        }
    }

    @Test func aRowThatIsNoJobStopsNoOther() async throws {
        let broken = try await add("a")
        let cutOff = try await add("a")
        try await temporary.store.write { database in
            try database.execute(
                sql: "UPDATE jobs SET created_at = 'never' WHERE id IN (?, ?)", arguments: [broken.id, cutOff.id])
            try database.execute(
                sql: "UPDATE jobs SET state = 'running', lease = 'x', leased_until = 0 WHERE id = ?",
                arguments: [cutOff.id])
        }
        let same = try await add("a")
        try await withWorker([registration("a")]) {
            try await expect(same, toBecome: .completed)
            try await expect(broken, toBecome: .failed)
            try await expect(cutOff, toBecome: .failed)
        }
        let items = try await listed()
        #expect(Set(items.map(\.entry.subject)) == [broken.id, cutOff.id])
        #expect(
            items.allSatisfy {
                $0.entry.reason == "The job cannot be read: the stored created_at is no Timestamp."
            })
        for item in items {
            guard case .failed = try await setAside.retry(item.id, of: owner) else {
                Issue.record("a damaged job was put back")
                continue
            }
        }
        #expect(try await jobs.list(kinds: ["a"], environmentID: 1).map(\.id) == [same.id])
        await #expect(throws: UnreadableColumn.self) { try await jobs.find(broken.id, environmentID: 1) }
    }

    private struct Failure: Error {}

    @Test func oneThatFailsAgainAndAgainIsSetAsideAndRunsWhenItIsTriedAgain() async throws {
        let isMended = Atomic(false)
        let job = try await add("a")
        let answered = try await add("b")
        let defective = try await add("c")
        let registrations = [
            registration("a") { _ in if !isMended.load(ordering: .relaxed) { throw Failure() } },
            registration("b") { _ in throw PermanentJobFailure("there is nothing to export") },
            registration("c") { _ in throw PermanentJobFailure.damagedDescription },
        ]
        try await withWorker(registrations) {
            try await expect(job, toBecome: .failed)
            try await expect(answered, toBecome: .failed)
            try await expect(defective, toBecome: .failed)
            let items = try await listed()
            // What a job says for an answer is none.
            #expect(Set(items.map(\.entry.subject)) == [job.id, defective.id])
            let item = try #require(items.first { $0.entry.subject == job.id })
            #expect(item.entry.attempts == 3 && item.entry.environmentID == 1)
            isMended.store(true, ordering: .relaxed)
            #expect(try await setAside.retry(item.id, of: owner) == .digested)
            try await expect(job, toBecome: .completed)
            #expect(try await listed().map(\.entry.subject) == [defective.id])
        }
        hand.advance(seconds: 1)
        #expect(try await jobs.deleteFinished(kind: "c", before: hand.now) == 1)
        #expect(try await listed().isEmpty)
    }

    @Test func troubleOfAStoreIsWaitedOut() async throws {
        let count = Atomic(0)
        let job = try await add("a")
        let full = registration("a") { _ in
            if count.wrappingAdd(1, ordering: .relaxed).newValue <= 6 {
                throw StoreError.trouble(reason: "database or disk is full")
            }
        }
        try await withWorker([full]) { try await expect(job, toBecome: .completed) }
        #expect(count.load(ordering: .relaxed) == 7)
        #expect(try await jobs.find(job.id, environmentID: 1)?.failures == 0)
        #expect(try await listed().isEmpty)
    }

    @Test func oneThatBringsTheProcessDownIsSetAsideAndTriedLater() async throws {
        let job = try await add("a", environmentID: nil)
        for _ in 1...3 {
            _ = try #require(try await jobs.claim(kind: "a", leaseSeconds: 60))
            try await jobs.recover(expiredOnly: false, crashLimit: 3)
        }
        try await expect(job, toBecome: .failed)
        // Nobody's, and tried again after the next start, but not so soon that it could bring that down.
        try await jobs.tryOwnerlessAgain(crashLimit: 3)
        try await expect(job, toBecome: .queued)
        #expect(try await jobs.claim(kind: "a", leaseSeconds: 60) == nil)
        hand.advance(seconds: JobStore.cautionSeconds)
        #expect(try await jobs.claim(kind: "a", leaseSeconds: 60)?.job.id == job.id)
    }

    @Test func whatIsOwedIsTriedAgainThoughItIsAProjects() async throws {
        let job = try await jobs.enqueue(
            NewJob(kind: "a", environmentID: nil, holder: .project(1), payload: ProjectPayload()))
        for _ in 1...3 {
            _ = try #require(try await jobs.claim(kind: "a", leaseSeconds: 60))
            try await jobs.recover(expiredOnly: false, crashLimit: 3)
        }
        try await jobs.tryOwnerlessAgain(crashLimit: 3, owed: ["b"])
        try await expect(job, toBecome: .failed)
        try await jobs.tryOwnerlessAgain(crashLimit: 3, owed: ["a"])
        try await expect(job, toBecome: .queued)
    }

    @Test func whatIsOwedIsTriedAgainThoughItIsAnEnvironments() async throws {
        let job = try await add("a", environmentID: 1)
        for _ in 1...3 {
            _ = try #require(try await jobs.claim(kind: "a", leaseSeconds: 60))
            try await jobs.recover(expiredOnly: false, crashLimit: 3)
        }
        try await jobs.tryOwnerlessAgain(crashLimit: 3)
        try await expect(job, toBecome: .failed)
        try await jobs.tryOwnerlessAgain(crashLimit: 3, owed: ["a"])
        try await expect(job, toBecome: .queued)
    }

    private struct ProjectPayload: JobPayload {
        init() {}

        init?(_ job: Job) {}

        var json: JSONValue { ["project": 1] }
    }

    @Test func anotherOfItsGroupComesFirst() async throws {
        let request = NewJob(kind: "a", environmentID: 1, payload: NoPayload(), exclusiveGroup: "a")
        let job = try await jobs.enqueue(request)
        try await damage(job, "[")
        #expect(try await jobs.claim(kind: "a", leaseSeconds: 60) == nil)
        try await damage(job, "{}")
        let other = try await jobs.enqueue(request)
        let item = try #require(try await listed().first)
        let refusal = JobError.alreadyRunning(jobID: other.id)
        #expect(try await setAside.retry(item.id, of: owner) == .failed(reason: "\(refusal)"))
    }
}
