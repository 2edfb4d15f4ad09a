import Time

/// How long finished jobs of a kind are kept, and what goes along with them.
public struct JobRetention: Sendable {
    /// How long a job stays after its end, in seconds.
    public let seconds: Int64
    /// Removes what a job has left outside the store, such as files, before the job goes; nil when it leaves nothing.
    let removeLeavings: (@Sendable (Job) async throws -> Void)?

    private static let jobsAtOnce = 100

    /// Thirty days, of jobs that leave nothing.
    public static let standard = JobRetention(seconds: 30 * 86_400)

    /// - Parameter removeLeavings: may be called again for the same job, after an error or a crash.
    public init(seconds: Int64, removeLeavings: (@Sendable (Job) async throws -> Void)? = nil) {
        self.seconds = seconds
        self.removeLeavings = removeLeavings
    }

    /// Removes the jobs of a kind whose time is over.
    /// - Throws: what kept one from being removed, once others have been.
    package func removeExpired(kind: String, from jobs: JobStore) async throws {
        let limit = jobs.clock.now.adding(seconds: -seconds)
        guard let removeLeavings else {
            try await jobs.deleteFinished(kind: kind, before: limit)
            return
        }
        var stuck: Set<String> = []
        var failure: (any Error)?
        while true {
            let page = try await jobs.finished(kind: kind, before: limit, limit: Self.jobsAtOnce + stuck.count)
            let expired = page.filter { !stuck.contains($0.id) }
            if expired.isEmpty { break }
            for job in expired {
                do {
                    try await removeLeavings(job)
                    try await jobs.deleteFinished(job.id)
                } catch {
                    stuck.insert(job.id)
                    failure = error
                }
            }
        }
        if let failure { throw failure }
    }
}
