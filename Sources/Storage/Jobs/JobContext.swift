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

    /// Takes over what waiting jobs of the kind and environment are to do: they are gone then, and this one stands for all of them
    /// (``JobStore/standIn(for:environmentID:)``), also after a crash. One that has failed or was cut off neither takes over nor is taken over, so that it holds up no other.
    /// - Parameters:
    ///   - payload: what it is to do itself.
    ///   - isMeant: which others it may take over.
    ///   - weight: of what one is to do.
    ///   - limit: of the weights together.
    ///   - join: one of all, its own first; nil leaves everything as it is.
    ///   - keep: what is kept of what one was to do, for whoever follows it.
    /// - Returns: what it is to do now.
    package func takeOver<Payload: JobPayload>(
        _ payload: Payload, where isMeant: @Sendable (Payload) -> Bool, weight: @Sendable (Payload) -> Int,
        upTo limit: Int, join: @Sendable ([Payload]) -> Payload?,
        keep: @Sendable (Payload) -> JSONValue = { _ in .null }
    ) async throws -> Payload {
        guard job.failures == 0, job.crashes == 0 else { return payload }
        var room = limit - weight(payload)
        var (taken, all) = ([(id: String, origin: JSONValue)](), [payload])
        for other in try await jobs.waiting(like: job, limit: limit) {
            guard let theirs = Payload(other), isMeant(theirs) else { continue }
            room -= weight(theirs)
            if room < 0 { break }
            taken.append((other.id, keep(theirs)))
            all.append(theirs)
        }
        guard !taken.isEmpty, let joined = join(all) else { return payload }
        try await jobs.takeOver(lease, taken, payload: joined.json)
        return joined
    }

    /// Says what came out of the job; stored when the handler returns.
    public func setResult(_ result: JSONValue) {
        storedResult.withLock { $0 = result }
    }

    var result: JSONValue? { storedResult.withLock { $0 } }
}
