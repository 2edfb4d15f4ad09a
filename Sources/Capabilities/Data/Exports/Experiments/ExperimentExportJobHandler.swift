public import BlobStore
public import EventStore
import JSON
public import Jobs
public import Time

/// Writes the files of an export of what visitors did in an experience, as ``ExportJobHandler`` does: a run after a crash
/// reads the same snapshot and goes on after the last finished file.
public struct ExperimentExportJobHandler: JobHandler {
    public static let jobKind = "experiment_export"

    private let store: EventStore
    private let writer: ExportWriter
    private let links: ExportLinks
    private let deletions: any PendingDeletions
    private let removals: any PendingReportRemovals
    private let notices: ExportNotices
    private let clock: WallClock

    /// - Parameter workingDirectory: where files are written before they are published.
    public init(
        store: EventStore, blobs: any BlobStore, deletions: any PendingDeletions,
        removals: any PendingReportRemovals, notices: ExportNotices, workingDirectory: String, clock: WallClock
    ) {
        self.store = store
        self.deletions = deletions
        self.removals = removals
        self.notices = notices
        self.clock = clock
        writer = ExportWriter(store: store, blobs: blobs, workingDirectory: workingDirectory)
        links = ExportLinks(blobs: blobs)
    }

    public func run(_ request: ExperimentExportRequest, _ context: JobContext) async throws {
        try await removals.waitUntilNoneIsPending(experienceID: request.experienceID)
        let environments = try await store.environments(
            experienceID: request.experienceID, projectID: request.projectID)
        for environmentID in environments {
            try await deletions.waitUntilNoneIsPending(environmentID: environmentID)
        }
        var progress = try await resumedOrNew(context)
        let query = ExportQuery(
            parts: [.experienceEvents(request, upTo: progress.snapshot)], format: request.format)
        progress = try await writer.write(query, days: nil, progress, context) { connection in
            try ExportedSegments(request.segments).load(on: connection)
        }
        let id = context.job.id
        try await writer.publishManifest(JSONObject([("request", .object(request.shown))]), progress, jobID: id)
        context.setResult(progress.json)
        let now = clock.now
        let files = try progress.files.map {
            Export.Link(file: $0, url: try links.url(of: $0.name, jobID: id, signedAt: now))
        }
        let manifest = try links.url(of: ExportOrder.manifestName, jobID: id, signedAt: now)
        try await notices.sendCompletion(of: request, files: files, manifest: manifest)
    }

    private func resumedOrNew(_ context: JobContext) async throws -> ExportProgress {
        if let stored = context.job.progress, let progress = ExportProgress(json: stored) { return progress }
        let last = try await store.lastExperimentEvent()
        let progress = ExportProgress(snapshot: last.map(LogPosition.init(after:)) ?? .start)
        try await context.updateProgress(progress.json)
        return progress
    }
}
