package import ControlStore
public import EventStore
import Foundation
public import JSON
public import Jobs
public import Time

/// Removes what belongs to deleted environments and projects and did not go with their rows: events, profiles, the
/// catalogue, visitors, files. It may be much, so it goes piece by piece; a run after a crash goes on where that one was.
public struct EnvironmentRemoval: Sendable {
    public static let jobKind = "environment_removal"

    /// What was accepted before the environments were gone is committed, and jobs under way have noticed, by then.
    public static let delaySeconds: Int64 = 60

    private let jobs: JobStore
    private let clock: WallClock

    public init(jobs: JobStore, clock: WallClock) {
        self.jobs = jobs
        self.clock = clock
    }

    /// Queues the removal, in the transaction that deletes the environments and before it does.
    /// - Parameter projectID: their project, when it is deleted with them.
    package func schedule(
        environments environmentIDs: [Int64], project projectID: Int64?, in database: Database
    ) throws {
        // The jobs go with the environments, and what they left on disk must be found without them.
        let cancelled = try environmentIDs.flatMap { try jobs.all(environmentID: $0, in: database) }
        try jobs.enqueue(
            NewJob(
                kind: Self.jobKind, environmentID: nil, holder: environmentIDs.first.map { .environment($0) },
                payload: EnvironmentRemovalOrder(
                    environments: environmentIDs, project: projectID, jobs: cancelled.map(\.id),
                    uploads: cancelled.compactMap { UploadOrder($0)?.path }),
                runAt: clock.now.adding(seconds: Self.delaySeconds)),
            in: database)
    }
}

/// Does the removing.
public struct EnvironmentRemovalHandler: JobHandler {
    private let store: EventStore
    private let feed: ProjectionFeed
    private let erasure: ErasureService
    private let others: EnvironmentKeepers

    /// - Parameter others: the rooms that keep the rest.
    public init(store: EventStore, feed: ProjectionFeed, erasure: ErasureService, others: EnvironmentKeepers) {
        self.store = store
        self.feed = feed
        self.erasure = erasure
        self.others = others
    }

    public func run(_ order: EnvironmentRemovalOrder, _ context: JobContext) async throws {
        // Events not yet projected would bring profiles back after they were removed.
        try await feed.catchUp()
        var count = 0
        for environmentID in order.environments {
            count += try await store.deleteEvents(environmentID: environmentID)
            for keeper in others.contents { try await keeper.deleteAll(environmentID: environmentID) }
        }
        for jobID in order.jobs { try await others.jobFiles.removeFiles(jobID: jobID) }
        for path in order.uploads { UploadOrder.removeFiles(at: path) }
        if let projectID = order.project {
            for keeper in others.projectContents { try await keeper.deleteAll(projectID: projectID) }
            try await others.projectFiles.removeFiles(projectID: projectID)
        }
        try await erasure.schedule()
        context.setResult(["deleted_events": .integer(Int64(count))])
    }
}

/// The environments that are gone, and what they left.
public struct EnvironmentRemovalOrder: JobPayload {
    let environments: [Int64]
    /// Their project, when it is gone with them.
    let project: Int64?
    /// The ids of jobs that went with them.
    let jobs: [String]
    /// Where uploads lie that were not stored.
    let uploads: [String]

    public var json: JSONValue {
        [
            "environments": JSONValue(environments), "project": project.map { .integer($0) } ?? .null,
            "jobs": .array(jobs.map { .string($0) }), "uploads": .array(uploads.map { .string($0) }),
        ]
    }
}

extension EnvironmentRemovalOrder {
    public init?(_ job: Job) {
        let stored = job.payload
        guard let environments = stored["environments"]?.array?.compactMap(\.int64) else { return nil }
        self.init(
            environments: environments, project: stored["project"]?.int64,
            jobs: stored["jobs"]?.array?.compactMap(\.string) ?? [],
            uploads: stored["uploads"]?.array?.compactMap(\.string) ?? [])
    }
}
