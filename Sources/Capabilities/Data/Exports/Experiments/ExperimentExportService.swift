public import BlobStore
import JSON
public import Jobs
public import Time

/// An export of an experience's events as those see it who asked for it.
public struct ExperimentExport: Sendable {
    public let id: String
    public let request: ExperimentExportRequest
    public let status: Export.Status
    public let startedAt: Timestamp
    public let finishedAt: Timestamp?
    /// What is finished so far.
    public let files: [ExportFile]
    /// Why it failed.
    public let failureReason: String?
}

/// Starts exports of what visitors did in experiences, and tells how they stand. Jobs and links live as long as those of
/// exports of product events.
public struct ExperimentExportService: Sendable {
    /// Exports of one account that may wait.
    static let mostWaiting = 100

    private let jobs: JobStore
    private let links: ExportLinks
    private let blobs: any BlobStore
    private let clock: WallClock

    public init(jobs: JobStore, blobs: any BlobStore, clock: WallClock) {
        self.jobs = jobs
        self.blobs = blobs
        self.clock = clock
        links = ExportLinks(blobs: blobs)
    }

    /// Queues an export.
    /// - Returns: its id.
    /// - Throws: `JobError.tooManyWaiting`.
    public func start(_ request: ExperimentExportRequest) async throws -> String {
        try await jobs.enqueue(
            NewJob(
                kind: ExperimentExportJobHandler.jobKind, environmentID: nil, holder: .project(request.projectID),
                payload: request, mostWaiting: Self.mostWaiting)
        ).id
    }

    /// Nil when there is none, when it is of another experience, or when its three days are over.
    public func find(_ id: String, projectID: Int64, experienceID: Int64) async throws -> ExperimentExport? {
        guard let job = try await jobs.find(id, kind: ExperimentExportJobHandler.jobKind),
            let export = ExperimentExport(job), export.request.projectID == projectID,
            export.request.experienceID == experienceID
        else { return nil }
        if let end = job.finishedAt, end.adding(seconds: ExportService.jobLifetimeSeconds) <= clock.now { return nil }
        return export
    }

    /// Links to the finished files; none before the export is complete.
    public func links(of export: ExperimentExport) throws -> [Export.Link] {
        guard export.status == .completed else { return [] }
        return try export.files.map {
            Export.Link(file: $0, url: try links.url(of: $0.name, jobID: export.id, signedAt: export.linksBegin))
        }
    }

    /// The link to the manifest; nil before the export is complete.
    public func manifestURL(of export: ExperimentExport) throws -> String? {
        guard export.status == .completed else { return nil }
        return try links.url(of: ExportOrder.manifestName, jobID: export.id, signedAt: export.linksBegin)
    }

    /// Files go before the job that names them.
    public var retention: JobRetention {
        JobRetention(seconds: ExportService.jobLifetimeSeconds) { [blobs] in
            try await blobs.delete(prefix: ExportOrder.folder(jobID: $0.id))
        }
    }
}

extension ExperimentExport {
    fileprivate var linksBegin: Timestamp { finishedAt ?? startedAt }

    fileprivate init?(_ job: Job) {
        guard let request = ExperimentExportRequest(job) else { return nil }
        id = job.id
        self.request = request
        status = Export.Status(job.state)
        startedAt = job.startedAt ?? job.createdAt
        finishedAt = job.finishedAt
        files = (job.result ?? job.progress).flatMap(ExportProgress.init(json:))?.files ?? []
        failureReason = job.state == .failed ? job.error : nil
    }
}

extension Export.Status {
    init(_ state: JobState) {
        switch state {
        case .queued, .running: self = .inProgress
        case .completed: self = .completed
        case .failed: self = .failed
        }
    }
}

/// Links to the files of exports.
struct ExportLinks: Sendable {
    let blobs: any BlobStore

    /// - Parameter signedAt: the export's end, so that asking again does not prolong a link's life.
    func url(of fileName: String, jobID: String, signedAt: Timestamp) throws -> String {
        try blobs.signedURL(
            for: ExportOrder.blobKey(jobID: jobID, fileName: fileName), signedAt: signedAt,
            lifetimeSeconds: ExportService.linkLifetimeSeconds, fileName: fileName)
    }
}
