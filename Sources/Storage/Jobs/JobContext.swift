public import JSON
import Synchronization

/// Thrown by a handler that has stored its progress and lets others have their turn: the job goes on when its own comes.
public struct JobGivesWay: Error {
    public init() {}
}

/// What a handler is given for one run. The lease is kept alive behind its back as long as it runs.
public final class JobContext: Sendable {
    /// The job as it stood when this run began, with the progress of the run before.
    public let job: Job
    private let jobs: JobStore
    private let lease: JobLease
    private let storedResult = Mutex<JSONValue?>(nil)

    init(job: Job, lease: JobLease, jobs: JobStore) {
        self.job = job
        self.lease = lease
        self.jobs = jobs
    }

    /// Stores how far the job has come; it is on disk when this returns.
    /// - Throws: ``JobError/leaseLost(jobID:)`` when the job was cancelled, `CancellationError` at shutdown: let both
    ///   pass through.
    public func updateProgress(_ progress: JSONValue) async throws {
        try await jobs.update(lease, progress: progress)
    }

    /// Says what came out of the job; stored when the handler returns.
    public func setResult(_ result: JSONValue) {
        storedResult.withLock { $0 = result }
    }

    var result: JSONValue? { storedResult.withLock { $0 } }
}
