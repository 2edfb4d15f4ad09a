import ControlStore
import Identity
import JSON
public import Jobs
public import Resources
import Text
public import Time

/// Demo projects: what a new account can look at before it has traffic of its own.
public struct DemoProjects: Sendable {
    public static let jobKind = "demo_project"

    private let jobs: JobStore
    private let resources: ResourceService
    private let clock: WallClock
    /// How long a caller waits for the job, in steps.
    private static let (steps, step) = (150, Duration.milliseconds(100))

    public init(jobs: JobStore, resources: ResourceService, clock: WallClock) {
        self.jobs = jobs
        self.resources = resources
        self.clock = clock
    }

    /// Makes an account's demo project, and waits for it.
    /// - Returns: its id; nil while it is still being made.
    /// - Throws: ``ExperimentsError/conflict(_:)`` where there is one or one is being made, and why it could not be made.
    public func make(accountID: Int64, author: ChangeAuthor) async throws -> Int64? {
        if let project = try await Self.find(accountID: accountID, resources.store) {
            throw ExperimentsError.conflict(
                "The account has a \(DemoProjectFile.projectName) already, \(project.id); delete or rename it first.")
        }
        let order = DemoProjectOrder(
            accountID: accountID, author: author.name, requestID: author.requestID,
            start: DemoTraffic.start(before: clock.now))
        let job: Job
        do {
            job = try await jobs.enqueue(
                NewJob(
                    kind: Self.jobKind, environmentID: nil, payload: order,
                    exclusiveGroup: "\(Self.jobKind) \(accountID)"))
        } catch {
            guard case JobError.alreadyRunning = error else { throw error }
            throw ExperimentsError.conflict(
                "The \(DemoProjectFile.projectName) is being made; look again in a few seconds.")
        }
        for _ in 0..<Self.steps {
            try await Task.sleep(for: Self.step)
            guard let state = try await jobs.find(job.id, kind: Self.jobKind) else { return nil }
            if state.state == .completed { return state.result?["project"]?.int64 }
            if state.state == .failed { throw ExperimentsError.conflict(state.error ?? "It could not be made.") }
        }
        return nil
    }

    /// It is known by its name, so that a crash in the middle leaves one that is found again.
    static func find(accountID: Int64, _ store: ControlStore) async throws -> Project? {
        try await store.read { database in
            try Project.fetchAll(accountID: accountID, from: database)
                .first { $0.name.hasSameBytes(as: DemoProjectFile.projectName) }
        }
    }
}
