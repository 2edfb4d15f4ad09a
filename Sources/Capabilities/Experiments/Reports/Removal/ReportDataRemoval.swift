import ControlStore
import EventStore
import Identity
public import JSON
public import Jobs
public import Resources
import Time

/// Removes what reports are made of: all of it, or some events.
public struct ReportDataRemoval: Sendable {
    private let reports: ReportService
    private let jobs: JobStore

    public init(reports: ReportService, jobs: JobStore) {
        self.reports = reports
        self.jobs = jobs
    }

    /// What one removal may name.
    static let mostParts = 100
    /// Removals of one account that may wait.
    static let mostWaiting = 100
    /// Then the answer comes while the job goes on.
    private static let longestWait = Duration.seconds(30)

    /// Removes events for good, or only counts them (contract operation `removeExperienceReportData`).
    /// - Parameter body: contract schema `RemoveExperienceReportRequestData`.
    /// - Returns: contract schema `RemoveExperienceReportResponseData`, its `data`.
    /// - Throws: `ExperimentsError` for an experience that is not there, and for a request that contradicts it or itself;
    ///   `JobError` while another removal of the experience is under way, or too many wait.
    public func remove(_ experienceID: Int64, _ body: JSONObject, _ scope: ResourceScope) async throws -> JSONValue {
        let plan = try await reports.plan(experienceID, body, scope)
        var selection = ExperimentEventSelection(
            projectID: scope.project.id, experienceID: experienceID, receivedBy: reports.resources.clock.now)
        if let start = plan.range.start { selection.start = start }
        if let end = plan.range.end { selection.end = end }
        selection.segments = plan.segments
        if let events = body["events"]?.array {
            guard events.count <= Self.mostParts else {
                throw ExperimentsError.invalid("events", "events may have at most \(Self.mostParts) elements.")
            }
            selection.parts = try events.enumerated().map { try Self.part($1, "events[\($0)]", plan.experience) }
        }
        var counts = try await reports.events.counts(selection)
        if body["simulate"]?.bool == false {
            var asked = body
            asked["simulate"] = nil
            let job = try await enqueue(selection, in: scope) { [counts, asked] log, database in
                try log.record(
                    "remove_report_data", ResourceKind.experience.rawValue, id: experienceID,
                    old: RemovalProgress.members(counts), new: asked, in: database)
            }
            if let result = try await finish(job) { counts = RemovalProgress(result).counts }
        }
        let kinds = ExperimentEvent.Kind.allCases.filter { kind in selection.parts.contains { $0.kind == kind } }
        return .array(kinds.map { ["event": .string($0.rawValue), "count": .integer(counts[$0] ?? 0)] })
    }

    /// Removes all that visitors did in an experience, and has it begin anew (contract operation `resetExperienceReport`).
    /// - Throws: `ExperimentsError.notFound`; `JobError` while another removal of the experience is under way.
    public func reset(_ experienceID: Int64, _ scope: ResourceScope) async throws {
        let resources = reports.resources
        let selection = ExperimentEventSelection(
            projectID: scope.project.id, experienceID: experienceID, receivedBy: resources.clock.now)
        let counts = try await reports.events.counts(selection)
        let job = try await enqueue(selection, in: scope) { [counts] log, database in
            let change = try resources.restart(experienceID, scope, in: database)
            var old = RemovalProgress.members(counts)
            old["start_time"] = change?.old
            try log.record(
                "reset_report", ResourceKind.experience.rawValue, id: experienceID, old: old,
                new: JSONObject(change.map { [("start_time", $0.new)] } ?? []), in: database)
        }
        _ = try await finish(job)
    }

    /// The job is there exactly when the history tells of it.
    private func enqueue(
        _ selection: ExperimentEventSelection, in scope: ResourceScope,
        recording record: @escaping @Sendable (ChangeLog, Database) throws -> Void
    ) async throws -> Job {
        let resources = reports.resources
        let job = try await resources.store.write { database in
            _ = try resources.find(.experience, .id(selection.experienceID), scope, in: database)
            try record(resources.changeLog(scope), database)
            return try jobs.enqueue(
                NewJob(
                    kind: ReportDataRemovalHandler.jobKind, environmentID: nil, holder: .project(scope.project.id),
                    payload: ReportDataOrder(selection), exclusiveGroup: Self.group(selection.experienceID),
                    mostWaiting: Self.mostWaiting),
                in: database)
        }
        jobs.wake()
        return job
    }

    private static func group(_ experienceID: Int64) -> String { "report data of \(experienceID)" }

    /// Returns once no removal of the experience is under way, so that what reads afterwards sees none of it.
    public func waitUntilNoneIsPending(experienceID: Int64) async throws {
        while true {
            do {
                return try await jobs.checkFree(Self.group(experienceID), environmentID: nil)
            } catch JobError.alreadyRunning {
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    /// Waits for the job, that whoever asks for the report next sees it done.
    /// - Returns: what came out of it; nil when it takes longer, and is done later.
    private func finish(_ job: Job) async throws -> JSONValue? {
        let end = ContinuousClock.now + Self.longestWait
        while ContinuousClock.now < end {
            let found = try await jobs.find(job.id, kind: job.kind)
            if let found, found.state.isFinished { return found.result }
            try await Task.sleep(for: .milliseconds(50))
        }
        return nil
    }

    private static func part(
        _ event: JSONValue, _ field: String, _ experience: ReportedExperience
    ) throws -> ExperimentEventSelection.Part {
        guard let kind = event["type"]?.string.flatMap(ExperimentEvent.Kind.init(rawValue:)) else {
            throw ExperimentsError.invalid(
                "\(field).type", "\(field).type must be view_experience, conversion or transaction.")
        }
        guard kind != .viewExperience else { return ExperimentEventSelection.Part(kind) }
        let goals = try event["goals"]?.array.map { named in
            guard named.count <= Self.mostParts else {
                throw ExperimentsError.invalid(
                    "\(field).goals", "\(field).goals may have at most \(Self.mostParts) elements.")
            }
            return try named.enumerated().map { try experience.goal($1, "\(field).goals[\($0)]") }
        }
        guard kind == .transaction else { return ExperimentEventSelection.Part(kind, goalIDs: goals) }
        let (least, most) = (event["revenue_start_value"]?.double, event["revenue_end_value"]?.double)
        if let least, let most, least > most {
            throw ExperimentsError.invalid(
                "\(field).revenue_start_value",
                "\(field).revenue_start_value must not be greater than revenue_end_value.")
        }
        return ExperimentEventSelection.Part(kind, goalIDs: goals, leastRevenue: least, mostRevenue: most)
    }
}
