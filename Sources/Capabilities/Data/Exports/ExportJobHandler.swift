public import BlobStore
import DuckDB
public import EventStore
import Foundation
import JSON
public import Jobs
public import Time

/// Writes the files of one export, month by month and week by week, each under a temporary name until it is complete.
///
/// The export holds what was committed when it first ran; a run after a crash or a shutdown reads the same snapshot and
/// goes on after the last finished file, so rows are neither lost nor doubled.
public struct ExportJobHandler: JobHandler {
    let store: EventStore
    let blobs: any BlobStore
    let audience: any ExportAudience
    let deletions: any PendingDeletions
    let notices: ExportNotices
    let workingDirectory: String
    let clock: WallClock

    public static let jobKind = ExportOrder.jobKind

    /// - Parameter workingDirectory: where files are written before they are published.
    public init(
        store: EventStore, blobs: any BlobStore, audience: any ExportAudience,
        deletions: any PendingDeletions, notices: ExportNotices,
        workingDirectory: String, clock: WallClock
    ) {
        self.store = store
        self.blobs = blobs
        self.audience = audience
        self.deletions = deletions
        self.notices = notices
        self.workingDirectory = workingDirectory
        self.clock = clock
    }

    public func run(_ context: JobContext) async throws {
        guard let order = ExportOrder(payload: context.job.payload) else {
            throw PermanentJobFailure.damagedDescription
        }
        do {
            let progress = try await write(order, context)
            try await publishManifest(of: order, progress, jobID: context.job.id)
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
        var progress = try await resumedOrNew(context)
        let filters = try await ExportFilters(
            order.request, environmentID: order.stream.environmentID, audience: audience)
        let query = ExportQuery(
            stream: order.stream, request: order.request, snapshot: progress.snapshot, filters: filters.present)
        let plan = ExportPlan(from: order.request.from, to: order.request.to)
        // A session of its own: its temporary tables end with it.
        let session = try store.makeSession()
        let mondays = try await session.run { connection in
            try filters.load(on: connection)
            return try Self.mondays(query, order.request, on: connection)
        }
        let folder = "\(workingDirectory)/\(context.job.id)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for chunk in plan.chunks where !progress.completedChunks.contains(chunk.month.description) {
            progress.currentChunk = chunk.month.description
            let weeks = chunk.weeks.filter { mondays.contains($0.monday.description) }
            // Months without a row are only worth a note when the next one with rows is written.
            if !weeks.isEmpty { try await context.updateProgress(progress.json) }
            for week in weeks {
                let name = "\(week.monday).\(order.request.format.fileExtension)"
                if progress.files.contains(where: { $0.name == name }) { continue }
                let path = "\(folder)/\(name)"
                let rowCount = try await session.run { connection in
                    try query.write(from: week.start, to: week.end, path: path, on: connection)
                }
                // Everything of the week may have been deleted meanwhile.
                if rowCount == 0 { continue }
                let stored = try await blobs.publish(
                    fileAt: path, as: ExportOrder.blobKey(jobID: context.job.id, fileName: name),
                    contentType: order.request.format.contentType)
                progress.files.append(
                    ExportFile(name: name, rowCount: rowCount, byteCount: stored.size, sha256: stored.sha256))
                try await context.updateProgress(progress.json)
            }
            progress.completedChunks.append(chunk.month.description)
        }
        try await context.updateProgress(progress.json)
        return progress
    }

    private func resumedOrNew(_ context: JobContext) async throws -> ExportProgress {
        if let stored = context.job.progress, let progress = ExportProgress(json: stored) { return progress }
        let progress = ExportProgress(snapshot: try await store.end() ?? .start)
        try await context.updateProgress(progress.json)
        return progress
    }

    /// The Mondays of the weeks that have rows.
    private static func mondays(
        _ query: ExportQuery, _ request: ExportRequest, on connection: Connection
    ) throws -> Set<String> {
        let rows = try connection.query(query.mondays(from: request.from.start, to: request.to.adding(days: 1).start))
        return Set(try rows.map { chunk, row in try chunk.string(0, row) ?? "" })
    }

    /// `manifest.json` beside the files: what each must hold, for whoever checks a download.
    private func publishManifest(of order: ExportOrder, _ progress: ExportProgress, jobID: String) async throws {
        let manifest: JSONValue = [
            "job_id": .string(jobID), "app_token": .string(order.stream.appToken), "request": order.request.json,
            "snapshot": .string(progress.snapshot.stored),
            "rows": .integer(Int64(progress.files.reduce(0) { $0 + $1.rowCount })),
            "files": .array(progress.files.map(\.json)),
        ]
        let path = "\(workingDirectory)/\(jobID).manifest.json"
        try Data(manifest.encoded()).write(to: URL(fileURLWithPath: path))
        _ = try await blobs.publish(
            fileAt: path, as: ExportOrder.blobKey(jobID: jobID, fileName: ExportOrder.manifestName),
            contentType: "application/json")
    }
}
