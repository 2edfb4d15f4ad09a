import Events
import Foundation
import Gateway
import HTTPTypes
import Identity
import JSON
import Time

/// Many rows at once: `bulkIdentifyUsers`, `bulkIdentifyCompanies`, `importEvents`, and the jobs that store them.
struct UploadController: Sendable {
    let uploads: UploadService
    let deletions: DeletionService
    let ingestion: Ingestion
    let clock: WallClock

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        let limits = OperationLimits(
            bodyBytes: UploadService.maximumBytes, bodyCheck: .none, endsWithCaller: true)
        surface.on("bulkIdentifyUsers", allow: .send, limits: limits) { key, request in
            try await submit(.bulkUsers, key, request)
        }
        surface.on("bulkIdentifyCompanies", allow: .send, limits: limits) { key, request in
            try await submit(.bulkCompanies, key, request)
        }
        surface.on("importEvents", allow: .send, limits: limits) { key, request in
            try await submit(.importEvents, key, request)
        }
        surface.on("listBackgroundJobs", allow: .send, list)
        surface.on("getBackgroundJob", allow: .send, get)
    }

    private func submit(
        _ kind: UploadKind, _ key: EnvironmentKey, _ request: OperationRequest
    ) async throws -> OperationResponse {
        do {
            return try await queue(kind, key, request)
        } catch let rejection as EventRejection {
            ingestion.reject(rejection, in: key.stream, keyID: key.keyID)
            throw rejection
        } catch let error as APIError where error.status == .badRequest {
            // A body refused as a whole counts once: how many rows it would have had nobody knows.
            let field = error.fields.first?.name ?? ""
            ingestion.reject(
                EventRejection(.malformed, field: field, error.message), in: key.stream, keyID: key.keyID)
            throw error
        }
    }

    private func queue(
        _ kind: UploadKind, _ key: EnvironmentKey, _ request: OperationRequest
    ) async throws -> OperationResponse {
        // A form of many megabytes is not copied in a moment.
        let upload = try await request.longWork { try Upload(request) }
        let job: UploadJob
        do {
            job = try await uploads.submit(
                upload.bytes, kind: kind, isJSONList: upload.isJSONList, fileName: upload.fileName, stream: key.stream,
                keyID: key.keyID, weigh: request.weigh)
        } catch let refusal as UploadService.Refusal {
            throw APIError(refusal)
        }
        // The vendor answers imports with 200 and bulk updates with 202.
        return .json(render(job), status: kind == .importEvents ? .ok : .accepted)
    }

    private func list(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let jobs = try await uploads.list(environmentID: key.environmentID)
            .filter { Self.mayFollow($0.keyID, key) }.map { ($0.submittedAt, render($0)) }
        let receipts = try await deletions.list(environmentID: key.environmentID)
            .filter { Self.mayFollow($0.keyID, key) }
            .map { ($0.submittedAt, $0.json(in: key.stream, now: clock.now)) }
        return .json(.array((jobs + receipts).sorted { $0.0 > $1.0 }.map(\.1)))
    }

    private func get(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let id = try request.path("job_id")
        if let jobID = DeletionReceipt.jobID(id, in: key.stream) {
            let receipt = try await deletions.find(jobID, environmentID: key.environmentID)
            if let receipt, Self.mayFollow(receipt.keyID, key) {
                return .json(receipt.json(in: key.stream, now: clock.now))
            }
        } else if let job = try await uploads.find(id, environmentID: key.environmentID), Self.mayFollow(job.keyID, key)
        {
            return .json(render(job))
        }
        throw APIError.notFound("There is no background job \(id.prefix(96)).")
    }

    /// A key that only sends follows what it sent itself.
    private static func mayFollow(_ keyID: Int64?, _ key: EnvironmentKey) -> Bool {
        key.allowsExports || keyID == key.keyID
    }

    /// All keys of both forms in which the vendor describes the answer, numbers as numbers, and why rows were not taken.
    private func render(_ job: UploadJob) -> JSONValue {
        let started = job.startedAt ?? job.submittedAt
        var answer: JSONValue = [
            "job_id": .string(job.id), "type": .string(job.kind.rawValue), "status": .string(job.status.rawValue),
            "filename": .string(job.fileName), "file_size": .integer(Int64(job.byteCount)),
            "total_rows": .integer(Int64(job.totalRows)), "completed_rows": .integer(Int64(job.completedRows)),
            "failed_rows": .integer(Int64(job.failedRows)), "duplicate_rows": .integer(Int64(job.duplicateRows)),
            "errors": .array(
                job.rowErrors.map {
                    ["row": .integer(Int64($0.row)), "field": .string($0.field), "message": .string($0.message)]
                }),
            "unknown_fields": .array(job.unknownFields.map(\.json)), "start_time": .time(started),
            "end_time": .time(job.finishedAt),
            "elapsed_time": .integer(max((job.finishedAt ?? clock.now).seconds - started.seconds, 0)),
            "links": .string("/v1/background_jobs/\(job.id)"), "submitted_at": .time(job.submittedAt),
        ]
        if let reason = job.failureReason { answer["error"] = .string(reason) }
        return answer
    }
}

extension APIError {
    fileprivate init(_ refusal: UploadService.Refusal) {
        switch refusal {
        case .tooManyRows(let maximum):
            self.init(
                .contentTooLarge,
                "The request has more than \(maximum.formatted()) records; one job takes no more. Split it.")
        case .underWay:
            self.init(
                .conflict, "Another upload is being looked through. Send this one when that one's job has finished.")
        }
    }
}

/// The rows of a request: a JSON list as the body, or a file in the form field `file`.
private struct Upload: Sendable {
    let bytes: [UInt8]
    let isJSONList: Bool
    let fileName: String

    init(_ request: OperationRequest) throws(APIError) {
        guard case .bytes(let body, let mediaType, let contentType) = request.body else {
            throw APIError(.badRequest, "A body is required.")
        }
        guard let boundary = MultipartForm.boundary(of: contentType) else {
            guard mediaType != "multipart/form-data" else {
                throw APIError(.badRequest, "The Content-Type header of a form must name its boundary.")
            }
            bytes = body
            isJSONList = true
            fileName = ""
            return
        }
        let form: MultipartForm
        do {
            form = try MultipartForm(body, boundary: boundary)
        } catch {
            guard case .malformed(let reason) = error else { throw APIError(.badRequest, "The form cannot be read.") }
            throw APIError(.badRequest, reason)
        }
        guard form.parts.count(where: { $0.name == "file" }) < 2 else {
            throw APIError.invalid("file", "The form must have one field named file; send each file by itself.")
        }
        guard let file = form["file"] else {
            throw APIError.invalid("file", "The form must have a field named file.")
        }
        bytes = Array(body[file.range])
        isJSONList = false
        fileName = file.fileName ?? ""
        if bytes.isEmpty { throw APIError.invalid("file", "The file is empty.") }
    }
}
