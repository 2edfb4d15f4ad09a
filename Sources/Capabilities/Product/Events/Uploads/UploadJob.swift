import EventStore
import Foundation
public import JSON
public import Jobs
public import Text
public import Time

/// A file on its way into the event store, as its sender sees it (contract schema `BackgroundJob`).
public struct UploadJob: Sendable {
    public enum Status: String, Sendable {
        case queued
        case validating
        case processing
        /// Every row is stored; profiles and the catalogue follow in a moment.
        case pendingRefresh = "pending_refresh"
        case completed
        case failed
    }

    /// A fault of a row that was not taken. A row may have several.
    public struct RowError: Sendable, Equatable {
        /// The line in the file, or the position in the list, from 1.
        public let row: Int
        public let field: String
        public let message: String
    }

    /// A member of rows, or a column, that nothing reads.
    public struct UnknownField: Sendable, Equatable {
        public let name: UnknownName
        /// Rows that have it.
        public internal(set) var rowCount: Int
    }

    /// `bulk:jobs:NX-...:uuid`, as the vendor writes it.
    public let id: String
    public let kind: UploadKind
    public let status: Status
    public let fileName: String
    public let byteCount: Int
    /// The key it came with; nil when that is not known.
    public let keyID: Int64?
    /// 0 until the file has been looked through.
    public let totalRows: Int
    /// Rows stored.
    public let completedRows: Int
    public let failedRows: Int
    /// Of the rows stored, those that were stored before: by another file, or as they happened.
    public let duplicateRows: Int
    /// The first hundred of them.
    public let rowErrors: [RowError]
    /// The first twenty of them.
    public let unknownFields: [UnknownField]
    public let submittedAt: Timestamp
    public let startedAt: Timestamp?
    public let finishedAt: Timestamp?
    public let failureReason: String?
}

/// What an upload job carries.
public struct UploadOrder: JobPayload {
    let kind: UploadKind
    let format: UploadedRows.Format
    let stream: EventStream
    /// Where the rows lie on disk.
    let path: String
    let fileName: String
    let byteCount: Int
    let keyID: Int64?

    /// The kind is the job's own.
    public var json: JSONValue {
        [
            "format": .string(format.rawValue), "path": .string(path), "filename": .string(fileName),
            "bytes": .integer(Int64(byteCount)), "environment_id": .integer(stream.environmentID),
            "project_id": .integer(stream.projectID), "app_token": .string(stream.appToken),
            "key_id": keyID.map { .integer($0) } ?? .null,
        ]
    }
}

extension UploadOrder {
    public init?(_ job: Job) {
        let payload = job.payload
        guard let kind = UploadKind(rawValue: job.kind),
            let format = payload["format"]?.string.flatMap(UploadedRows.Format.init(rawValue:)),
            let path = payload["path"]?.string, let environmentID = payload["environment_id"]?.int64,
            let projectID = payload["project_id"]?.int64, let appToken = payload["app_token"]?.string
        else { return nil }
        self.kind = kind
        self.format = format
        self.path = path
        stream = EventStream(environmentID: environmentID, projectID: projectID, appToken: appToken)
        fileName = payload["filename"]?.string ?? ""
        byteCount = Int(payload["bytes"]?.int64 ?? 0)
        keyID = payload["key_id"]?.int64
    }

    var publicIDPrefix: String { "\(kind.idPrefix):\(stream.appToken):" }

    /// Where the rows of a Parquet file lie once it has been read.
    static func rowsPath(of path: String) -> String { path + ".rows" }

    /// Where a Parquet file lies unpacked while it is read.
    static func unpackedPath(of path: String) -> String { path + ".unpacked" }

    /// Removes an upload from disk, with what was made of it.
    static func removeFiles(at path: String) {
        for path in [path, rowsPath(of: path), rowsPath(of: path) + ".part", unpackedPath(of: path)] {
            try? FileManager.default.removeItem(atPath: path)
        }
    }
}

/// How far an upload has come. Rows count in file order, so a run after a crash goes on after the last that is stored.
struct UploadProgress {
    var status = UploadJob.Status.validating
    var totalRows = 0
    /// Rows looked at, good and bad: where a run after a crash goes on.
    var processedRows = 0
    var failedRows = 0
    var duplicateRows = 0
    var rowErrors: [UploadJob.RowError] = []
    var unknownFields: [UploadJob.UnknownField] = []

    /// Errors kept for the sender; the rest is only counted.
    static let keptErrors = 100

    /// Whether another row's faults are told, or only counted.
    var keepsErrors: Bool { rowErrors.count < Self.keptErrors }

    /// - Parameter faults: of one row that was not taken.
    mutating func add(_ faults: [EventRejection], row: Int) {
        failedRows += 1
        for fault in faults where keepsErrors {
            rowErrors.append(UploadJob.RowError(row: row, field: fault.field, message: fault.message))
        }
    }

    /// - Parameter count: rows that have these members, or columns.
    mutating func add(_ names: [UnknownName], rows count: Int = 1) {
        for name in names {
            if let place = unknownFields.firstIndex(where: { $0.name.path.hasSameBytes(as: name.path) }) {
                unknownFields[place].rowCount += count
            } else if unknownFields.count < UnknownName.maximumCount {
                unknownFields.append(UploadJob.UnknownField(name: name, rowCount: count))
            }
        }
    }

    var json: JSONValue {
        [
            "status": .string(status.rawValue), "total_rows": .integer(Int64(totalRows)),
            "processed_rows": .integer(Int64(processedRows)), "failed_rows": .integer(Int64(failedRows)),
            "duplicate_rows": .integer(Int64(duplicateRows)),
            "errors": .array(
                rowErrors.map {
                    ["row": .integer(Int64($0.row)), "field": .string($0.field), "message": .string($0.message)]
                }),
            "unknown_fields": .array(unknownFields.map(\.json)),
        ]
    }
}

extension UploadJob.UnknownField {
    /// As jobs keep and tell it.
    public var json: JSONValue {
        [
            "field": .string(name.path), "did_you_mean": name.suggestion.map { .string($0) } ?? .null,
            "rows": .integer(Int64(rowCount)),
        ]
    }

    fileprivate init?(_ json: JSONValue) {
        guard let path = json["field"]?.string, let rows = json["rows"]?.int64 else { return nil }
        name = UnknownName(path: path, suggestion: json["did_you_mean"]?.string)
        rowCount = Int(clamping: rows)
    }
}

extension UploadProgress {
    init(json: JSONValue?) {
        self.init()
        guard let json else { return }
        status = json["status"]?.string.flatMap(UploadJob.Status.init(rawValue:)) ?? .validating
        totalRows = Int(json["total_rows"]?.int64 ?? 0)
        processedRows = Int(json["processed_rows"]?.int64 ?? 0)
        failedRows = Int(json["failed_rows"]?.int64 ?? 0)
        duplicateRows = Int(json["duplicate_rows"]?.int64 ?? 0)
        rowErrors =
            json["errors"]?.array?.compactMap { error in
                guard let row = error["row"]?.int64, let field = error["field"]?.string,
                    let message = error["message"]?.string
                else { return nil }
                return UploadJob.RowError(row: Int(row), field: field, message: message)
            } ?? []
        unknownFields = json["unknown_fields"]?.array?.compactMap { UploadJob.UnknownField($0) } ?? []
    }
}

extension UploadJob {
    init?(_ job: Job) {
        guard let order = UploadOrder(job) else { return nil }
        let progress = UploadProgress(json: job.result ?? job.progress)
        id = order.publicIDPrefix + job.id
        kind = order.kind
        switch job.state {
        case .queued: status = .queued
        case .running: status = progress.status
        case .completed: status = .completed
        case .failed: status = .failed
        }
        fileName = order.fileName
        byteCount = order.byteCount
        keyID = order.keyID
        totalRows = progress.totalRows
        completedRows = progress.processedRows - progress.failedRows
        failedRows = progress.failedRows
        duplicateRows = progress.duplicateRows
        rowErrors = progress.rowErrors
        unknownFields = progress.unknownFields
        submittedAt = job.createdAt
        startedAt = job.startedAt
        finishedAt = job.finishedAt
        failureReason = job.state == .failed ? job.error : nil
    }
}
