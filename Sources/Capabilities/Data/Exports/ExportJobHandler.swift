public import BlobStore
public import EventStore
import JSON
public import Jobs

/// Writes the files of one export.
///
/// The export holds what was committed when it first ran; a run after a crash or a shutdown reads the same snapshot and
/// goes on after the last finished file, so rows are neither lost nor doubled.
public struct ExportJobHandler: JobHandler {
    private let store: EventStore
    private let writer: ExportWriter
    private let audience: any ExportAudience
    private let deletions: any PendingDeletions
    private let notices: ExportNotices

    public static let jobKind = ExportOrder.jobKind

    /// - Parameter workingDirectory: where files are written before they are published.
    public init(
        store: EventStore, blobs: any BlobStore, audience: any ExportAudience,
        deletions: any PendingDeletions, notices: ExportNotices,
        workingDirectory: String
    ) {
        self.store = store
        self.audience = audience
        self.deletions = deletions
        self.notices = notices
        writer = ExportWriter(store: store, blobs: blobs, workingDirectory: workingDirectory)
    }

    public func run(_ order: ExportOrder, _ context: JobContext) async throws {
        do {
            let progress = try await write(order, context)
            let asked = JSONObject([
                ("app_token", .string(order.stream.appToken)), ("request", order.request.json),
            ])
            try await writer.publishManifest(asked, progress, jobID: context.job.id)
            context.setResult(progress.json)
            try await notices.sendCompletion(of: order, jobID: context.job.id, files: progress.files)
        } catch let failure as ExportFailure {
            try await notices.sendFailure(of: order, jobID: context.job.id, reason: failure.message)
            throw PermanentJobFailure(failure.message)
        }
    }

    private func write(_ order: ExportOrder, _ context: JobContext) async throws -> ExportProgress {
        try await audience.catchUp()
        try await deletions.waitUntilNoneIsPending(environmentID: order.stream.environmentID)
        let progress = try await resumedOrNew(context, order.request)
        let filters = try await ExportFilters(
            order.request, environmentID: order.stream.environmentID, audience: audience)
        var parts: [ExportedRows] = []
        if !order.request.eventTypes.isEmpty {
            parts.append(.events(order.request, of: order.stream, upTo: progress.snapshot, filters.present))
        }
        if let snapshot = progress.experimentSnapshot {
            parts.append(.experimentEvents(order.request, of: order.stream, upTo: snapshot, filters.present))
        }
        if order.request.types == .native { parts = parts.map(\.withNativeTypes) }
        return try await writer.write(
            ExportQuery(parts: parts, format: order.request.format), days: order.request.from...order.request.to,
            progress, context
        ) { connection in try filters.load(on: connection) }
    }

    private func resumedOrNew(_ context: JobContext, _ request: ExportRequest) async throws -> ExportProgress {
        if let stored = context.job.progress, let progress = ExportProgress(json: stored) { return progress }
        var progress = ExportProgress(snapshot: try await store.end() ?? .start)
        if !request.experimentKinds.isEmpty {
            progress.experimentSnapshot = try await store.lastExperimentEvent().map(LogPosition.init(after:)) ?? .start
        }
        try await context.updateProgress(progress.json)
        return progress
    }
}
