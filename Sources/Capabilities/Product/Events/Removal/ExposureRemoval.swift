package import ControlStore
public import EventStore
public import JSON
public import Jobs
public import Time

/// Removes what visitors did in experiences that are deleted.
public struct ExposureRemoval: Sendable {
    public static let jobKind = "exposure_removal"

    private let jobs: JobStore
    private let clock: WallClock

    public init(jobs: JobStore, clock: WallClock) {
        self.jobs = jobs
        self.clock = clock
    }

    /// Queues the removal, in the transaction that deletes the experience.
    package func schedule(experience: Int64, project: Int64, in database: Database) throws {
        try jobs.enqueue(
            NewJob(
                kind: Self.jobKind, environmentID: nil, holder: .project(project),
                payload: ExposureRemovalOrder(experience: experience, project: project),
                // What was accepted before is committed by then.
                runAt: clock.now.adding(seconds: EnvironmentRemoval.delaySeconds)),
            in: database)
    }
}

/// Does the removing.
public struct ExposureRemovalHandler: JobHandler {
    private let store: EventStore
    private let copies: any LogCopies
    private let erasure: ErasureService

    public init(store: EventStore, copies: any LogCopies, erasure: ErasureService) {
        self.store = store
        self.copies = copies
        self.erasure = erasure
    }

    public func run(_ order: ExposureRemovalOrder, _ context: JobContext) async throws {
        // The log tells only before the deletion whose copies are to follow; a run after a crash comes later than that.
        var environments = context.job.progress?["environments"]?.array?.compactMap(\.int64) ?? []
        environments += try await store.environments(experienceID: order.experience, projectID: order.project)
        try await context.updateProgress(["environments": .array(environments.map { .integer($0) })])
        try await store.deleteExposures(experienceID: order.experience, projectID: order.project)
        for environment in Set(environments) { try await copies.reconcile(environmentID: environment) }
        try await erasure.schedule()
    }
}

/// The experience that is gone.
public struct ExposureRemovalOrder: JobPayload {
    let experience: Int64
    let project: Int64

    public var json: JSONValue { ["experience": .integer(experience), "project": .integer(project)] }
}

extension ExposureRemovalOrder {
    public init?(_ job: Job) {
        guard let experience = job.payload["experience"]?.int64, let project = job.payload["project"]?.int64 else {
            return nil
        }
        self.init(experience: experience, project: project)
    }
}
