public import BlobStore
public import EventStore
import JSON
public import Jobs
public import Time

/// An export job as its owner sees it.
public struct Export: Sendable {
    public enum Status: String, Sendable {
        case inProgress = "in_progress"
        case completed
        case failed
    }

    /// A file that can be fetched without a key.
    public struct Link: Sendable {
        public let file: ExportFile
        /// Absolute on a bucket; a path of this server otherwise.
        public let url: String
    }

    public let id: String
    public let stream: EventStream
    public let environmentName: String
    public let status: Status
    public let startedAt: Timestamp
    public let finishedAt: Timestamp?
    /// Firsts of months, all of them.
    public let chunks: [CalendarDate]
    public let completedChunks: [String]
    public let currentChunk: String?
    /// What is finished so far.
    public let files: [ExportFile]
    /// Why it failed.
    public let failureReason: String?
}

/// Starts exports and tells how they stand. The vendor speaks of two days in one place and of three in another: links live
/// for two days, jobs for three.
public struct ExportService: Sendable {
    public static let linkLifetimeSeconds = 2 * 86_400
    /// Exports of one account that may wait.
    static let mostWaiting = 100
    public static let jobLifetimeSeconds: Int64 = 3 * 86_400

    private let jobs: JobStore
    private let blobs: any BlobStore
    private let clock: WallClock

    public init(jobs: JobStore, blobs: any BlobStore, clock: WallClock) {
        self.jobs = jobs
        self.blobs = blobs
        self.clock = clock
    }

    /// Queues an export.
    /// - Throws: `JobError.alreadyRunning` while another one of the same app token is in progress,
    ///   `JobError.tooManyWaiting`.
    public func start(
        _ request: ExportRequest, stream: EventStream, environmentName: String
    ) async throws -> Export {
        let order = ExportOrder(request: request, stream: stream, environmentName: environmentName)
        let job = try await jobs.enqueue(
            NewJob(
                kind: ExportOrder.jobKind, environmentID: stream.environmentID, payload: order,
                exclusiveGroup: ExportOrder.jobKind, mostWaiting: Self.mostWaiting))
        return Export(job, order)
    }

    /// The exports of the last three days, newest first.
    public func list(environmentID: Int64) async throws -> [Export] {
        try await jobs.list(kinds: [ExportOrder.jobKind], environmentID: environmentID).compactMap(visible)
    }

    /// Nil when there is none, when it is another environment's, or when its three days are over.
    public func find(_ id: String, environmentID: Int64) async throws -> Export? {
        try await jobs.find(id, environmentID: environmentID).flatMap(visible)
    }

    private func visible(_ job: Job) -> Export? {
        guard job.kind == ExportOrder.jobKind, let order = ExportOrder(job) else { return nil }
        if let end = job.finishedAt, end.adding(seconds: Self.jobLifetimeSeconds) <= clock.now { return nil }
        return Export(job, order)
    }

    /// Links to the finished files; none before the export is complete.
    public func links(of export: Export) throws -> [Export.Link] {
        guard export.status == .completed else { return [] }
        return try export.files.map { Export.Link(file: $0, url: try url(of: $0.name, in: export)) }
    }

    /// The link to the manifest; nil before the export is complete.
    public func manifestURL(of export: Export) throws -> String? {
        guard export.status == .completed else { return nil }
        return try url(of: ExportOrder.manifestName, in: export)
    }

    /// Signed as of the export's end, so that asking again does not prolong a link's life.
    private func url(of fileName: String, in export: Export) throws -> String {
        try ExportLinks(blobs: blobs).url(
            of: fileName, jobID: export.id, signedAt: export.finishedAt ?? export.startedAt)
    }

    /// Removes what an export has stored; nothing when the job is none.
    public func removeFiles(jobID: String) async throws {
        try await blobs.delete(prefix: ExportOrder.folder(jobID: jobID))
    }

    /// Files go before the job that names them.
    public var retention: JobRetention {
        JobRetention(seconds: Self.jobLifetimeSeconds) { try await removeFiles(jobID: $0.id) }
    }
}

extension Export {
    init(_ job: Job, _ order: ExportOrder) {
        let progress = (job.result ?? job.progress).flatMap(ExportProgress.init(json:))
        id = job.id
        stream = order.stream
        environmentName = order.environmentName
        status = Export.Status(job.state)
        startedAt = job.startedAt ?? job.createdAt
        finishedAt = job.finishedAt
        chunks = ExportPlan(from: order.request.from, to: order.request.to).chunks.map(\.month)
        completedChunks = progress?.completedChunks ?? []
        currentChunk = progress?.currentChunk
        files = progress?.files ?? []
        failureReason = job.state == .failed ? job.error : nil
    }
}
