import ControlStore
import Experiences
import Identity
public import JSON
public import Jobs
public import Projects
public import Resources
public import Serving
import Text
import Time

/// What a job that makes a demo project is told.
public struct DemoProjectOrder: JobPayload {
    let accountID: Int64
    /// Who asked for it.
    let author: String
    let requestID: String?
    /// The beginning of the first day of its traffic.
    let start: Timestamp

    init(accountID: Int64, author: String, requestID: String?, start: Timestamp) {
        self.accountID = accountID
        self.author = author
        self.requestID = requestID
        self.start = start
    }

    public init?(_ job: Job) {
        guard let account = job.payload["account"]?.int64, let start = job.payload["start"]?.int64 else { return nil }
        self.init(
            accountID: account, author: job.payload["author"]?.string ?? "",
            requestID: job.payload["request"]?.string, start: Timestamp(seconds: start))
    }

    public var json: JSONValue {
        [
            "account": .integer(accountID), "author": .string(author), "start": .integer(start.seconds),
            "request": requestID.map { .string($0) } ?? .null,
        ]
    }
}

/// Makes a demo project: imports its file in one transaction, and sends its traffic the way that SDKs' goes.
///
/// A run after a crash finds the project, and sends everything again: the tracker knows who has seen and done what.
public struct DemoProjectHandler: JobHandler {
    private let projects: ProjectService
    private let resources: ResourceService
    private let tracker: Tracker
    private let tracked: @Sendable (_ projectID: Int64) async throws -> TrackedProject?

    /// What visitors did in one call of the tracker.
    private static let visitsAtOnce = 2_000

    /// - Parameter tracked: what events of a project may count for now; nil when there is no such project.
    public init(
        projects: ProjectService, resources: ResourceService, tracker: Tracker,
        tracked: @escaping @Sendable (_ projectID: Int64) async throws -> TrackedProject?
    ) {
        self.projects = projects
        self.resources = resources
        self.tracker = tracker
        self.tracked = tracked
    }

    public func run(_ order: DemoProjectOrder, _ context: JobContext) async throws {
        let author = ChangeAuthor(name: order.author, method: .app, requestID: order.requestID)
        do {
            let project = try await project(order, author)
            let scope = ResourceScope(project: project, author: author, role: .owner)
            try await send(try await traffic(order, scope), to: project)
            context.setResult(["project": .integer(project.id)])
        } catch {
            // Somebody has deleted or changed it meanwhile: it is not made anew.
            if let error = error as? ExperimentsError { throw PermanentJobFailure("\(error)") }
            throw error
        }
    }

    private func project(_ order: DemoProjectOrder, _ author: ChangeAuthor) async throws -> Project {
        if let project = try await DemoProjects.find(accountID: order.accountID, resources.store) { return project }
        let file = DemoProjectFile.make(startingAt: order.start.seconds)
        let checks = ProjectService.FileChecks(project: { _ in [] }, resource: { _, _ in [] })
        let id = try await projects.importProject(file, accountID: order.accountID, author: author, checks: checks)
        guard let project = try await resources.store.read({ try Project.fetch(id, from: $0) }) else {
            throw PermanentJobFailure("The demo project was deleted while it was made.")
        }
        return project
    }

    private func traffic(_ order: DemoProjectOrder, _ scope: ResourceScope) async throws -> [TrackingBatch.Visitor] {
        func id(ofGoal key: String) async throws -> Int64 {
            try await resources.get(.goals, .key(key), include: [], expand: [], scope)["id"]?.int64 ?? 0
        }
        var targets: [DemoTraffic.Target] = []
        for experiment in DemoExperiment.all {
            let shown = try await resources.get(
                .experiences, .key(experiment.key), include: ["variations"], expand: ["variations"], scope)
            var ids: [ClientText: Int64] = [:]
            for variation in shown["variations"]?.array ?? [] {
                ids[ClientText(variation["key"]?.string ?? "")] = variation["id"]?.int64
            }
            targets.append(
                DemoTraffic.Target(
                    experiment: experiment, experienceID: shown["id"]?.int64 ?? 0,
                    variationIDs: experiment.arms.map { ids[ClientText($0.key)] ?? 0 }))
        }
        return try await DemoTraffic(
            purchaseID: id(ofGoal: DemoProjectFile.purchaseKey), signUpID: id(ofGoal: DemoProjectFile.signUpKey),
            start: order.start
        ).visits(targets)
    }

    private func send(_ visits: [TrackingBatch.Visitor], to project: Project) async throws {
        for start in stride(from: 0, to: visits.count, by: Self.visitsAtOnce) {
            try Task.checkCancellation()
            guard let tracked = try await tracked(project.id) else {
                throw PermanentJobFailure("The demo project was deleted while it was made.")
            }
            let piece = visits[start..<min(start + Self.visitsAtOnce, visits.count)]
            _ = try await tracker.track(
                TrackingBatch(isEnriched: true, visitors: Array(piece)), project: tracked, environment: nil)
        }
    }
}
