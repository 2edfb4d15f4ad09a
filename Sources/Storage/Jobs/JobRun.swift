import Logging
import Metrics
import Time

/// One run of one job: the handler beside the heartbeat of its lease, and then what became of it.
struct JobRun: Sendable {
    let job: Job
    let lease: JobLease
    let registration: JobRegistration
    let jobs: JobStore
    let leaseSeconds: Int64
    let logger: Logger

    private enum Event {
        case handlerEnded((any Error)?)
        case leaseLost
        case heartbeatStopped
    }

    func execute() async {
        let context = JobContext(job: job, lease: lease, jobs: jobs)
        let started = ContinuousClock.now
        defer { Self.time(job.kind, since: started) }
        var failure: (any Error)?
        var isLeaseLost = false
        await withTaskGroup(of: Event.self) { group in
            group.addTask {
                do {
                    try await registration.handler.run(context)
                    return .handlerEnded(nil)
                } catch {
                    return .handlerEnded(error)
                }
            }
            group.addTask { await heartbeat() }
            for await event in group {
                switch event {
                case .handlerEnded(let error):
                    failure = error
                    group.cancelAll()
                case .leaseLost:
                    isLeaseLost = true
                    group.cancelAll()
                case .heartbeatStopped: break
                }
            }
        }
        if isLeaseLost { return }
        await settle(context, failure, isInterrupted: Task.isCancelled)
    }

    private func heartbeat() async -> Event {
        while true {
            do {
                try await Task.sleep(for: .seconds(leaseSeconds) / 3)
                try await jobs.extend(lease, seconds: leaseSeconds)
            } catch is CancellationError {
                return .heartbeatStopped
            } catch JobError.leaseLost {
                return .leaseLost
            } catch {
                logger.warning("cannot extend the lease of a job", metadata: metadata(error))
            }
        }
    }

    /// Stores the outcome in a task of its own, because the run's own task may be cancelled.
    private func settle(_ context: JobContext, _ failure: (any Error)?, isInterrupted: Bool) async {
        await Task {
            do {
                switch failure {
                case nil:
                    try await jobs.complete(
                        lease, result: context.result, forgettingPayload: registration.forgetsPayload)
                    count("completed")
                case let failure as PermanentJobFailure: try await fail(failure, setsAside: failure.isDefect)
                case .some where isInterrupted || failure is JobGivesWay: try await jobs.release(lease)
                case .some(let failure) where registration.isStoreTrouble(failure): try await postpone(failure)
                case .some(let failure): try await retryOrFail(failure)
                }
            } catch JobError.leaseLost {
                logger.notice("a job was cancelled", metadata: ["job": "\(job.id)", "kind": "\(job.kind)"])
            } catch {
                // The lease will run out, and the job be run again.
                logger.error("cannot store the outcome of a job", metadata: metadata(error))
            }
        }.value
    }

    private func retryOrFail(_ failure: any Error) async throws {
        let number = job.failures + 1
        if number >= registration.retry.maximumFailures { return try await fail(failure, setsAside: true) }
        logger.warning("a job will be tried again", metadata: metadata(failure))
        count("retried")
        let delay = registration.retry.delaySeconds(afterFailure: number)
        try await jobs.retry(lease, at: jobs.clock.now.adding(seconds: delay), error: String(describing: failure))
    }

    /// It is not the job that is at fault.
    private func postpone(_ failure: any Error) async throws {
        logger.warning("a job waits for a store", metadata: metadata(failure))
        count("postponed")
        try await jobs.postpone(
            lease, until: jobs.clock.now.adding(seconds: registration.retry.firstDelaySeconds),
            error: String(describing: failure))
    }

    private func fail(_ failure: any Error, setsAside: Bool) async throws {
        logger.error("a job failed", metadata: metadata(failure))
        count("failed")
        try await jobs.fail(lease, error: String(describing: failure), settingAside: setsAside ? job : nil)
    }

    private func count(_ outcome: String) {
        Counter(label: "sextant_job_runs_total", dimensions: [("kind", job.kind), ("outcome", outcome)]).increment()
    }

    private static func time(_ kind: String, since started: ContinuousClock.Instant) {
        let (seconds, attoseconds) = started.duration(to: .now).components
        Metrics.Timer(label: "sextant_job_run_seconds", dimensions: [("kind", kind)])
            .recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    private func metadata(_ error: any Error) -> Logger.Metadata {
        ["job": "\(job.id)", "kind": "\(job.kind)", "error": "\(error)"]
    }
}
