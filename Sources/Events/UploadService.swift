public import EventStore
import Foundation
import JSON
public import Jobs
import NIOPosix
public import Time

/// Takes files of rows in: keeps them on disk, and leaves the work to a job.
public struct UploadService: Sendable {
    /// Bytes of one upload (contract: 50 MB).
    public static let maximumBytes = 50 * 1_024 * 1_024

    private let jobs: JobStore
    private let directory: String
    private let clock: WallClock

    /// - Parameter directory: where uploads wait until their job has read them.
    public init(jobs: JobStore, directory: String, clock: WallClock) {
        self.jobs = jobs
        self.directory = directory
        self.clock = clock
    }

    /// Why an upload was not taken.
    public enum Refusal: Error, Sendable {
        /// More rows than one job takes.
        case tooManyRows(count: Int, maximum: Int)
    }

    /// Queues the rows of a file.
    /// - Parameters:
    ///   - keyID: the key it came with.
    ///   - isJSONList: the bytes are a JSON object with one list; otherwise a file, whose content tells what it is.
    /// - Throws: `EventRejection` when the file cannot be read at all, `Refusal`, or `JobError.alreadyRunning`.
    public func submit(
        _ bytes: [UInt8], kind: UploadKind, isJSONList: Bool, fileName: String, stream: EventStream,
        keyID: Int64? = nil
    ) async throws -> UploadJob {
        let source = UploadSource.bytes(bytes)
        let format = isJSONList ? .json : try UploadedRows.Format(of: source, kind: kind, fileName: fileName)
        let rows = try UploadedRows(source, format: format, list: kind.listName)
        if format == .csv { try kind.checkColumns(CSVReader(source).columns) }
        if let maximum = kind.maximumRows {
            let count = try Self.count(rows)
            if count > maximum { throw Refusal.tooManyRows(count: count, maximum: maximum) }
        }
        let path = "\(directory)/\(UUID().uuidString.lowercased())"
        try await NIOThreadPool.singleton.runIfActive { try Self.keep(bytes, at: path) }
        let order = UploadOrder(
            kind: kind, format: format, stream: stream, path: path, fileName: String(fileName.prefix(255)),
            byteCount: bytes.count, keyID: keyID)
        do {
            let job = try await jobs.enqueue(
                NewJob(
                    kind: kind.rawValue, environmentID: stream.environmentID, payload: order.payload,
                    exclusiveGroup: kind.exclusiveGroup))
            guard let upload = UploadJob(job) else { throw CocoaError(.coderInvalidValue) }
            return upload
        } catch {
            try? FileManager.default.removeItem(atPath: path)
            throw error
        }
    }

    /// The uploads of an environment, newest first.
    public func list(environmentID: Int64) async throws -> [UploadJob] {
        try await jobs.list(kinds: UploadKind.allCases.map(\.rawValue), environmentID: environmentID)
            .compactMap { UploadJob($0) }
    }

    /// - Parameter id: as `UploadJob.id` gives it.
    public func find(_ id: String, environmentID: Int64) async throws -> UploadJob? {
        guard let uuid = id.split(separator: ":").last else { return nil }
        let upload = try await jobs.find(String(uuid), environmentID: environmentID).flatMap { UploadJob($0) }
        return upload?.id == id ? upload : nil
    }

    /// Jobs stay listed this long after their end.
    public static let jobLifetimeSeconds: Int64 = 30 * 86_400

    /// Forgets uploads that ended long ago, with the file that a failed one may have left.
    public func removeExpired() async throws {
        let limit = clock.now.adding(seconds: -Self.jobLifetimeSeconds)
        for kind in UploadKind.allCases {
            while true {
                let expired = try await jobs.finished(kind: kind.rawValue, before: limit)
                if expired.isEmpty { break }
                for job in expired {
                    if let path = UploadOrder(job)?.path { UploadOrder.removeFiles(at: path) }
                    try await jobs.deleteFinished(job.id)
                }
            }
        }
    }

    private static func count(_ rows: UploadedRows) throws(EventRejection) -> Int {
        var count = 0
        for row in rows {
            if let damage = row.damage { throw damage }
            count += 1
        }
        return count
    }

    /// The job must find the rows even after a power failure, so they are on disk before it is queued.
    private static func keep(_ bytes: [UInt8], at path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path)
        else { throw CocoaError(.fileWriteUnknown) }
        defer { try? file.close() }
        try file.write(contentsOf: Data(bytes))
        try file.synchronize()
    }
}
