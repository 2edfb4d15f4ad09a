public import Logging
public import ServiceLifecycle
import Synchronization
import Time

/// Runs the jobs that are due: each kind by its own handler, up to its own limit, all kinds side by side.
///
/// One worker per process, and one process per control store: at its start, every job that is marked as running was cut
/// off by a crash, and is taken up again at once. At shutdown, running handlers are cancelled and their jobs put back.
public final class JobWorker: Service {
    /// What a worker can be told.
    public struct Configuration: Sendable {
        /// How long a job stays with a run that shows no sign of life, in seconds.
        public var leaseSeconds: Int64 = 60
        /// How often to look for jobs whose time has come, and for expired leases.
        public var pollInterval: Duration = .seconds(1)
        /// How often finished jobs are looked through for those whose time is over.
        public var retentionInterval: Duration = .seconds(60)
        /// How many times a job may be cut off by a crash before it fails for good.
        public var maximumCrashes = 5

        public init() {}
    }

    private let jobs: JobStore
    private let registrations: [JobRegistration]
    private let configuration: Configuration
    private let logger: Logger
    private let running = Mutex<[String: Running]>([:])
    private let runningIDs = Mutex<Set<String>>([])

    /// How many jobs of a kind run.
    private struct Running {
        var all = 0
        var long = 0
    }

    /// - Parameter registrations: one per kind. Jobs of other kinds stay in the queue.
    public init(
        jobs: JobStore, registrations: [JobRegistration], configuration: Configuration = Configuration(), logger: Logger
    ) {
        self.jobs = jobs
        self.registrations = registrations
        self.configuration = configuration
        self.logger = logger
    }

    /// Works until the service group shuts down or the task is cancelled.
    public func run() async throws {
        await resume()
        let wakes = jobs.signal.listen()
        jobs.signal.raise()
        await withTaskCancellationOrGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.poll() }
                group.addTask { await self.removeExpired() }
                for await _ in wakes {
                    if Task.isCancelled || Task.isShuttingDownGracefully { break }
                    await startDueJobs(in: &group)
                }
                group.cancelAll()
            }
        } onCancelOrGracefulShutdown: { [signal = jobs.signal] in
            signal.finish()
        }
    }

    /// Tries until the store takes it: a worker that ended would end the server.
    private func resume() async {
        while !Task.isCancelled, !Task.isShuttingDownGracefully {
            do {
                try await jobs.tryOwnerlessAgain(
                    crashLimit: configuration.maximumCrashes, owed: registrations.filter(\.isOwed).map(\.kind))
                let cutOff = try await jobs.recover(expiredOnly: false, crashLimit: configuration.maximumCrashes)
                if cutOff > 0 { logger.notice("resuming jobs that were cut off", metadata: ["count": "\(cutOff)"]) }
                return
            } catch {
                if Task.isCancelled { return }
                logger.error("jobs that were cut off cannot be resumed", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: configuration.pollInterval)
            }
        }
    }

    /// Wakes the worker now and then: nothing else tells when a job's time comes.
    private func poll() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: configuration.pollInterval)
            jobs.signal.raise()
        }
    }

    private func removeExpired() async {
        while !Task.isCancelled {
            for registration in registrations {
                do {
                    try await registration.retention.removeExpired(kind: registration.kind, from: jobs)
                } catch {
                    if Task.isCancelled { return }
                    // It keeps no other kind.
                    logger.warning(
                        "jobs whose time is over cannot be removed",
                        metadata: ["kind": "\(registration.kind)", "error": "\(error)"])
                }
            }
            try? await Task.sleep(for: configuration.retentionInterval)
        }
    }

    /// A store that fails, for want of disk space perhaps, must not end the worker: the next wake tries again.
    private func startDueJobs(in group: inout DiscardingTaskGroup) async {
        do {
            let due = try await jobs.dueWork(of: registrations.map(\.kind))
            if due.hasExpiredLease {
                let cutOff = try await jobs.recover(
                    expiredOnly: true, crashLimit: configuration.maximumCrashes, sparing: runningIDs.withLock { $0 })
                if cutOff > 0 { jobs.signal.raise() }
            }
            for registration in registrations where due.kinds.contains(registration.kind) {
                while let room = room(for: registration),
                    let (job, lease) = try await jobs.claim(
                        kind: registration.kind, leaseSeconds: configuration.leaseSeconds, onlyShort: room == .short)
                {
                    start(job, lease, registration, in: &group)
                }
            }
        } catch is CancellationError {
            return
        } catch {
            logger.error("cannot look for due jobs", metadata: ["error": "\(error)"])
        }
    }

    /// The kinds of jobs that it runs.
    public var kinds: [String] { registrations.map(\.kind) }

    private enum Room {
        case any
        case short
    }

    /// Nil when there is none.
    private func room(for registration: JobRegistration) -> Room? {
        let running = running.withLock { $0[registration.kind] ?? Running() }
        guard running.all < registration.concurrency else { return nil }
        return running.long < registration.concurrency - registration.shortPlaces ? .any : .short
    }

    private func count(_ job: Job, _ change: Int) {
        running.withLock { running in
            running[job.kind, default: Running()].all += change
            if !job.isShort { running[job.kind, default: Running()].long += change }
        }
    }

    private func start(
        _ job: Job, _ lease: JobLease, _ registration: JobRegistration, in group: inout DiscardingTaskGroup
    ) {
        count(job, 1)
        runningIDs.withLock { _ = $0.insert(job.id) }
        let run = JobRun(
            job: job, lease: lease, registration: registration, jobs: jobs, leaseSeconds: configuration.leaseSeconds,
            logger: logger)
        group.addTask {
            await run.execute()
            self.runningIDs.withLock { _ = $0.remove(job.id) }
            self.count(job, -1)
            self.jobs.signal.raise()
        }
    }
}
