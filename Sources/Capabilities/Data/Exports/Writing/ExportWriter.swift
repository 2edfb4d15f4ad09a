import BlobStore
import DuckDB
import EventStore
import Foundation
import JSON
import Jobs
import Metrics
import Time

/// Writes the files of an export, month by month and week by week, each under a temporary name until it is complete. A run
/// after a crash goes on after the last finished file.
struct ExportWriter: Sendable {
    let store: EventStore
    let blobs: any BlobStore
    /// Where files are written before they are published.
    let workingDirectory: String

    /// - Parameters:
    ///   - query: of the rows.
    ///   - days: first and last; nil for those that there are rows of.
    ///   - progress: of the runs before.
    ///   - prepare: makes what the query reads beside the log.
    /// - Returns: with all files.
    func write(
        _ query: ExportQuery, days: ClosedRange<CalendarDate>?, _ progress: ExportProgress, _ context: JobContext,
        prepare: @escaping @Sendable (Connection) throws -> Void
    ) async throws -> ExportProgress {
        var progress = progress
        // A session of its own: its temporary tables end with it.
        let session = try store.makeSession()
        let found = try await session.run { connection -> (days: ClosedRange<CalendarDate>, mondays: Set<String>)? in
            try prepare(connection)
            guard let days = try days ?? query.days(on: connection) else { return nil }
            let end = days.upperBound.adding(days: 1).start
            return (days, try query.mondays(from: days.lowerBound.start, to: end, on: connection))
        }
        let folder = "\(workingDirectory)/\(context.job.id)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let plan = found.map { ExportPlan(from: $0.days.lowerBound, to: $0.days.upperBound) }
        for chunk in plan?.chunks ?? [] where !progress.completedChunks.contains(chunk.month.description) {
            progress.currentChunk = chunk.month.description
            let weeks = chunk.weeks.filter { found?.mondays.contains($0.monday.description) ?? false }
            // Months without a row are only worth a note when the next one with rows is written.
            if !weeks.isEmpty { try await context.updateProgress(progress.json) }
            for week in weeks {
                let name = "\(week.monday).\(query.format.fileExtension)"
                if progress.files.contains(where: { $0.name == name }) { continue }
                let path = "\(folder)/\(name)"
                let rowCount = try await session.run { connection in
                    try query.write(from: week.start, to: week.end, path: path, on: connection)
                }
                // Everything of the week may have been deleted meanwhile.
                if rowCount == 0 { continue }
                let stored = try await blobs.publish(
                    fileAt: path, as: ExportOrder.blobKey(jobID: context.job.id, fileName: name),
                    contentType: query.format.contentType)
                Self.count(rows: rowCount, bytes: stored.size, query.format)
                progress.files.append(
                    ExportFile(name: name, rowCount: rowCount, byteCount: stored.size, sha256: stored.sha256))
                try await context.updateProgress(progress.json)
            }
            progress.completedChunks.append(chunk.month.description)
        }
        try await context.updateProgress(progress.json)
        return progress
    }

    private static func count(rows: Int, bytes: Int, _ format: ExportFormat) {
        let dimensions = [("format", format.rawValue)]
        Counter(label: "sextant_export_files_total", dimensions: dimensions).increment()
        Counter(label: "sextant_export_rows_total", dimensions: dimensions).increment(by: rows)
        Counter(label: "sextant_export_bytes_total", dimensions: dimensions).increment(by: bytes)
    }

    /// Stores what says what the export holds.
    /// - Parameter members: what was asked for.
    func publishManifest(_ members: JSONObject, _ progress: ExportProgress, jobID: String) async throws {
        let rest: [(String, JSONValue)] = [
            ("snapshot", .string(progress.snapshot.stored)),
            ("rows", .integer(Int64(progress.files.reduce(0) { $0 + $1.rowCount }))),
            ("files", .array(progress.files.map(\.json))),
        ]
        let manifest = JSONValue.object(
            JSONObject([("job_id", .string(jobID))] + members.members.map { ($0.key, $0.value) } + rest))
        let path = "\(workingDirectory)/\(jobID).manifest.json"
        try Data(manifest.encoded()).write(to: URL(fileURLWithPath: path))
        _ = try await blobs.publish(
            fileAt: path, as: ExportOrder.blobKey(jobID: jobID, fileName: ExportOrder.manifestName),
            contentType: "application/json")
    }
}
