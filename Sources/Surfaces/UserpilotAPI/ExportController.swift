import EventStore
import Exports
import Gateway
import HTTPTypes
import Identity
import JSON
import Jobs
import People
import Time

/// Bulk export: `triggerExport`, `listExportJobs`, `getExportJob`.
struct ExportController: Sendable {
    let exports: ExportService
    let segments: SegmentStore

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        // `segment_id` and `exclusions` come in more forms than the contract's types say.
        surface.on("triggerExport", allow: .export, limits: OperationLimits(bodyCheck: .syntax), start)
        surface.on("listExportJobs", allow: .export, list)
        surface.on("getExportJob", allow: .export, get)
    }

    private func start(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let order = try ExportRequest(request.json)
        if let id = order.segmentID, try await segments.segment(id, environmentID: key.environmentID) == nil {
            throw APIError.invalid("segment_id", "There is no segment \(id).")
        }
        let export: Export
        do {
            export = try await exports.start(order, stream: key.stream, environmentName: key.environmentName)
        } catch JobError.alreadyRunning {
            let detail =
                "There is already an export job in progress, you can only have one export job in progress at a time."
            throw APIError(
                .conflict,
                "The request could not be completed due to a conflict with the current state of the target resource.",
                fields: [APIError.Field(name: "", message: detail)])
        }
        return .json(
            [
                "environment_app_token": .string(key.appToken), "environment_name": .string(key.environmentName),
                "job_id": .string(export.id), "links": .string("/api/v1/analytics/exports/jobs/\(export.id)"),
                "start_time": .string(export.startedAt.formatted(.microsecondsWithoutZone)),
                // One client looks for the id here.
                "id": .string(export.id),
            ], status: .created)
    }

    private func list(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let jobs = try await exports.list(environmentID: key.environmentID)
        return .json(.array(jobs.map(Self.summary)))
    }

    private func get(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let id = try request.path("job_id")
        guard let export = try await exports.find(id, environmentID: key.environmentID) else {
            throw APIError.notFound(
                "Failed to retrieve job with id \(id.prefix(64)) for application \(key.appToken): job not found")
        }
        return .json(try detail(export, baseURL: request.baseURL))
    }

    private static func summary(_ export: Export) -> JSONValue {
        let seconds = export.elapsedSeconds
        return [
            "elapsed_time": .string("\(seconds) seconds"), "elapsed_time_seconds": .integer(seconds),
            "end_time": .time(export.finishedAt), "job_id": .string(export.id), "id": .string(export.id),
            "progress": .string(export.progressText),
            "start_time": .string(export.startedAt.formatted(.microsecondsWithoutZone)),
            "status": .string(export.status.rawValue),
        ]
    }

    private func detail(_ export: Export, baseURL: String) throws -> JSONValue {
        let links = try exports.links(of: export)
        var detail: JSONValue = [
            "app_token": .string(export.stream.appToken), "type": "export",
            "all_chunks": .array(export.chunks.map { .string($0.description) }),
            "completed_chunks": .array(export.completedChunks.map { .string($0) }),
            "current_chunk": export.currentChunk.map { .string($0) } ?? .null,
            "start_time": .time(export.startedAt), "end_time": .time(export.finishedAt), "job_id": .string(export.id),
            "id": .string(export.id),
            "presigned_urls": .array(
                links.map {
                    ["filename": .string($0.file.name), "url": .string(Self.absolute($0.url, baseURL: baseURL))]
                }),
            "progress": .string(export.progressText), "status": .string(export.status.rawValue),
        ]
        if let manifest = try exports.manifestURL(of: export) {
            detail["manifest"] = [
                "url": .string(Self.absolute(manifest, baseURL: baseURL)),
                "rows": .integer(Int64(export.files.reduce(0) { $0 + $1.rowCount })),
                "files": .array(export.files.map(\.json)),
            ]
        }
        if let reason = export.failureReason { detail["error"] = .string(reason) }
        return detail
    }

    /// Links of this server's own are paths; a bucket's are whole addresses already.
    private static func absolute(_ url: String, baseURL: String) -> String {
        url.hasPrefix("/") ? baseURL + url : url
    }
}

extension Export {
    fileprivate var elapsedSeconds: Int64 {
        guard let finishedAt else { return 0 }
        return max(finishedAt.seconds - startedAt.seconds, 0)
    }

    fileprivate var progressText: String {
        "\(completedChunks.count) out of \(chunks.count) partitions"
    }
}

extension JSONValue {
    /// A time as the contract's examples write it, null when there is none.
    static func time(_ time: Timestamp?) -> JSONValue {
        time.map { .string($0.formatted(.microsecondsUTC)) } ?? .null
    }
}
