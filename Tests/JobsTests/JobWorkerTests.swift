import JSON
import Logging
import ServiceLifecycle
import StoreTestSupport
import Synchronization
import TestSupport
import Testing
import Time

@testable import Jobs

/// A handler made of a closure.
struct ClosureHandler: JobHandler {
    let body: @Sendable (JobContext) async throws -> Void

    func run(_ payload: AnyPayload, _ context: JobContext) async throws {
        try await body(context)
    }
}

/// Whatever a test tells a job.
struct AnyPayload: JobPayload {
    let json: JSONValue
}

extension AnyPayload {
    init?(_ job: Job) { self.init(json: job.payload) }
}

struct JobWorkerTests {
    let temporary: TemporaryStore
    let hand = HandClock()
    let jobs: JobStore

    init() throws {
        temporary = try TemporaryStore()
        jobs = JobStore(store: temporary.store, clock: hand.clock)
    }

    private func registration(
        _ kind: String, concurrency: Int = 1, maximumFailures: Int = 3,
        _ body: @escaping @Sendable (JobContext) async throws -> Void
    ) -> JobRegistration {
        JobRegistration(
            kind: kind, handler: ClosureHandler(body: body), concurrency: concurrency,
            retry: JobRetryPolicy(maximumFailures: maximumFailures, firstDelaySeconds: 5))
    }

    /// Runs a worker while `body` runs.
    private func withWorker(
        _ registrations: [JobRegistration], leaseSeconds: Int64 = 60, _ body: () async throws -> Void
    ) async throws {
        var configuration = JobWorker.Configuration()
        configuration.pollInterval = .milliseconds(10)
        configuration.leaseSeconds = leaseSeconds
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

    private func state(of job: Job) async throws -> JobState? {
        try await jobs.find(job.id, environmentID: 1)?.state
    }

    /// The job must come to the state within ten seconds.
    private func expect(
        _ job: Job, toBecome state: JobState, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let isThere = try await eventually { try await self.state(of: job) == state }
        #expect(isThere, "the job did not become \(state)", sourceLocation: sourceLocation)
    }

    private func add(_ kind: String, _ payload: JSONValue = [:], runAt: Timestamp? = nil) async throws -> Job {
        try await jobs.enqueue(NewJob(kind: kind, environmentID: 1, payload: AnyPayload(json: payload), runAt: runAt))
    }

    @Test func runsAJobWithProgressAndResult() async throws {
        let job = try await add("double", ["number": 21])
        let handler = registration("double") { context in
            try await context.updateProgress(["done": 1])
            context.setResult(.integer((context.job.payload["number"]?.int64 ?? 0) * 2))
        }
        try await withWorker([handler]) {
            try await expect(job, toBecome: .completed)
        }
        let found = try #require(try await jobs.find(job.id, environmentID: 1))
        #expect(found.progress == ["done": 1] && found.result == 42 && found.finishedAt != nil)
    }

    @Test func shortJobsDoNotWaitBehindLongOnes() async throws {
        for _ in 0..<3 { _ = try await add("upload", ["long": true]) }
        let short = try await jobs.enqueue(
            NewJob(kind: "upload", environmentID: 1, payload: NoPayload(), isShort: true))
        let running = Mutex(0)
        let handler = JobRegistration(
            kind: "upload",
            handler: ClosureHandler { context in
                guard context.job.payload["long"] == true else { return }
                running.withLock { $0 += 1 }
                try await Task.sleep(for: .seconds(600))
            }, concurrency: 3, shortPlaces: 1)
        try await withWorker([handler]) {
            try await expect(short, toBecome: .completed)
            // Its place stays free.
            let isTaken = try await eventually { running.withLock { $0 } == 2 }
            #expect(isTaken)
        }
        #expect(running.withLock { $0 } == 2)
    }

    @Test func resumesAtOnceAfterACrashWithTheProgressMade() async throws {
        let job = try await add("export")
        // A run whose process dies: it holds the lease and is never heard of again.
        let (_, lease) = try #require(try await jobs.claim(kind: "export", leaseSeconds: 3_600))
        try await jobs.update(lease, progress: ["chunk": 7])
        let handler = registration("export") { $0.setResult($0.job.progress ?? nil) }
        try await withWorker([handler]) {
            try await expect(job, toBecome: .completed)
        }
        let found = try #require(try await jobs.find(job.id, environmentID: 1))
        #expect(found.result == ["chunk": 7] && found.crashes == 1)
    }

    @Test func triesAgainLaterAndLaterAndThenFails() async throws {
        let job = try await add("flaky")
        let handler = registration("flaky") { _ in throw SomeError() }
        try await withWorker([handler]) {
            for (failures, delay) in [(1, 5), (2, 10)] {
                let isBack = try await eventually {
                    let found = try await jobs.find(job.id, environmentID: 1)
                    return found?.state == .queued && found?.failures == failures
                }
                #expect(isBack)
                let found = try #require(try await jobs.find(job.id, environmentID: 1))
                #expect(found.runAt == hand.now.adding(seconds: Int64(delay)) && found.error == "out of luck")
                hand.advance(seconds: Int64(delay))
            }
            try await expect(job, toBecome: .failed)
        }
        #expect(try await jobs.find(job.id, environmentID: 1)?.error == "out of luck")
    }

    @Test func permanentFailuresAreNotTriedAgain() async throws {
        let job = try await add("hopeless")
        try await withWorker([registration("hopeless") { _ in throw PermanentJobFailure("no such segment") }]) {
            try await expect(job, toBecome: .failed)
        }
        let found = try #require(try await jobs.find(job.id, environmentID: 1))
        #expect(found.error == "no such segment" && found.failures == 0)
    }

    @Test func waitsForItsTime() async throws {
        let job = try await add("later", runAt: hand.now.adding(seconds: 30))
        let others = [try await add("later"), try await add("later")]
        try await withWorker([registration("later") { _ in }]) {
            // The worker has looked twice since.
            for other in others { try await expect(other, toBecome: .completed) }
            #expect(try await state(of: job) == .queued)
            hand.advance(seconds: 30)
            try await expect(job, toBecome: .completed)
        }
    }

    @Test func poisonAndLongJobsDoNotHoldUpOthers() async throws {
        let poison = try await add("poison")
        let long = try await add("long")
        var quick: [Job] = []
        for _ in 0..<20 { quick.append(try await add("quick")) }
        let handlers = [
            registration("poison") { _ in throw SomeError() },
            registration("long") { _ in try await Task.sleep(for: .seconds(60)) },
            registration("quick") { _ in },
        ]
        try await withWorker(handlers) {
            for job in quick { try await expect(job, toBecome: .completed) }
            try await expect(poison, toBecome: .queued)
            #expect(try await state(of: long) == .running)
        }
    }

    @Test func keepsToTheLimitOfAKind() async throws {
        var all: [Job] = []
        for _ in 0..<12 { all.append(try await add("limited")) }
        let counts = Mutex((running: 0, most: 0))
        let handler = registration("limited", concurrency: 3) { _ in
            counts.withLock {
                $0.running += 1
                $0.most = max($0.most, $0.running)
            }
            // Nobody leaves before the limit was reached once.
            _ = try await eventually { counts.withLock { $0.most } >= 3 }
            counts.withLock { $0.running -= 1 }
        }
        try await withWorker([handler]) {
            for job in all { try await expect(job, toBecome: .completed) }
        }
        #expect(counts.withLock { $0.most } == 3)
    }

    @Test func gracefulShutdownPutsJobsBack() async throws {
        let job = try await add("long")
        let handler = registration("long") { context in
            try await context.updateProgress(["half": true])
            try await Task.sleep(for: .seconds(60))
        }
        let worker = JobWorker(
            jobs: jobs, registrations: [handler], logger: Logger(label: "jobs") { _ in SwiftLogNoOpLogHandler() })
        let group = ServiceGroup(services: [worker], logger: Logger(label: "group") { _ in SwiftLogNoOpLogHandler() })
        let task = Task { try await group.run() }
        let hasBegun = try await eventually { try await jobs.find(job.id, environmentID: 1)?.progress != nil }
        #expect(hasBegun)
        await group.triggerGracefulShutdown()
        try await task.value
        let found = try #require(try await jobs.find(job.id, environmentID: 1))
        #expect(found.state == .queued && found.crashes == 0 && found.failures == 0)
        #expect(found.progress == ["half": true])
        try await withWorker([registration("long") { _ in }]) {
            try await expect(job, toBecome: .completed)
        }
    }

    @Test func cancellingAJobStopsItsRun() async throws {
        let job = try await add("long")
        let isStopped = Mutex(false)
        let handler = registration("long") { _ in
            do { try await Task.sleep(for: .seconds(60)) } catch {
                isStopped.withLock { $0 = true }
                throw error
            }
        }
        try await withWorker([handler], leaseSeconds: 1) {
            try await expect(job, toBecome: .running)
            #expect(try await jobs.cancel(job.id, environmentID: 1, reason: "no longer wanted"))
            #expect(try await eventually { isStopped.withLock { $0 } })
        }
        let found = try #require(try await jobs.find(job.id, environmentID: 1))
        #expect(found.state == .failed && found.error == "no longer wanted")
    }

    @Test func kindsWithoutAHandlerStayInTheQueue() async throws {
        let unknown = try await add("unknown")
        let known = try await add("known")
        try await withWorker([registration("known") { _ in }]) {
            try await expect(known, toBecome: .completed)
        }
        #expect(try await state(of: unknown) == .queued)
    }
}

private struct SomeError: Error, CustomStringConvertible {
    var description: String { "out of luck" }
}
