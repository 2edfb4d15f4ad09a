public import EventStore
import Foundation
import JSON
public import Jobs
import NIOPosix
import Text
public import Time

/// Takes files of rows in: keeps them on disk, and leaves the work to a job.
public struct UploadService: Sendable {
    /// Bytes of one upload (contract: 50 MB).
    public static let maximumBytes = 50 * 1_024 * 1_024

    /// Uploads of one kind and account that may wait.
    static let mostWaiting = 100
    /// Bytes of text up to which an upload takes little time.
    static let mostShortBytes = 1_048_576

    private let jobs: JobStore
    private let directory: String
    private let clock: WallClock
    private let turns = UploadTurns()

    /// - Parameter directory: where uploads wait until their job has read them.
    public init(jobs: JobStore, directory: String, clock: WallClock) {
        self.jobs = jobs
        self.directory = directory
        self.clock = clock
    }

    /// Why an upload was not taken.
    public enum Refusal: Error, Sendable {
        /// More rows than one job takes.
        case tooManyRows(maximum: Int)
        /// Another one of the environment is being looked through.
        case underWay
    }

    /// Queues the rows of a file.
    /// - Parameters:
    ///   - keyID: the key it came with.
    ///   - isJSONList: the bytes are a JSON object with one list; otherwise a file, whose content tells what it is.
    ///   - weigh: told of a text, as it is unpacked, before all of it is parsed as JSON; throws where there is no room.
    /// - Throws: `EventRejection` when the file cannot be read at all, `Refusal`, `JobError.alreadyRunning`,
    ///   `JobError.tooManyWaiting`, or what `weigh` throws. When its task is cancelled before the file has been looked through, nothing is queued.
    public func submit(
        _ bytes: [UInt8], kind: UploadKind, isJSONList: Bool, fileName: String, stream: EventStream,
        keyID: Int64? = nil, weigh: @Sendable ([UInt8]) throws -> Void = { _ in }
    ) async throws -> UploadJob {
        try await turns.take(kind.group, environmentID: stream.environmentID) {
            // What cannot be taken anyhow is not looked through.
            try await jobs.checkFree(kind.group.rawValue, environmentID: stream.environmentID)
            let format = try await UploadThreads.run(short: Self.isShort(bytes)) {
                try Self.lookThrough(bytes, kind, fileName: isJSONList ? nil : fileName, weigh)
            }
            let order = UploadOrder(
                kind: kind, format: format, stream: stream, path: "\(directory)/\(UUID().uuidString.lowercased())",
                fileName: String(fileName.prefix(255)), byteCount: bytes.count, keyID: keyID)
            // From here on it is all or nothing, whether or not its sender still waits.
            return try await Task { try await queue(bytes, order) }.value
        }
    }

    /// Refuses what can be refused at once.
    /// - Parameter fileName: nil for what is no file but a JSON object with a list.
    /// - Returns: what the bytes are.
    private static func lookThrough(
        _ bytes: [UInt8], _ kind: UploadKind, fileName: String?, _ weigh: ([UInt8]) throws -> Void
    ) throws -> UploadedRows.Format {
        var source = UploadSource.bytes(bytes)
        let format = try fileName.map { try UploadedRows.Format(of: source, kind: kind, fileName: $0) } ?? .json
        if format == .json {
            let text = try source.whole()
            try weigh(text)
            source = .bytes(text)
        }
        let rows = try UploadedRows(source, format: format, list: kind.listName)
        if kind.isCountedAtOnce, try rows.count(upTo: kind.maximumRows) > kind.maximumRows {
            throw Refusal.tooManyRows(maximum: kind.maximumRows)
        }
        return format
    }

    private func queue(_ bytes: [UInt8], _ order: UploadOrder) async throws -> UploadJob {
        try await NIOThreadPool.singleton.runIfActive { try Self.keep(bytes, at: order.path) }
        do {
            let job = try await jobs.enqueue(
                NewJob(
                    kind: order.kind.rawValue, environmentID: order.stream.environmentID, payload: order,
                    exclusiveGroup: order.kind.group.rawValue, isShort: order.format.isText && Self.isShort(bytes),
                    mostWaiting: Self.mostWaiting))
            guard let upload = UploadJob(job) else { throw CocoaError(.coderInvalidValue) }
            return upload
        } catch {
            try? FileManager.default.removeItem(atPath: order.path)
            throw error
        }
    }

    /// Whether an upload takes little time: what is packed can be of any size.
    static func isShort(_ bytes: [UInt8]) -> Bool {
        let packed = [GzipPieces.magic, AvroReader.magic, Array("PAR1".utf8)]
        return bytes.count <= mostShortBytes && !packed.contains { bytes.starts(with: $0) }
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

    /// What became of an upload that was to end.
    public enum Cancellation: Sendable {
        case cancelled
        /// There was nothing left to end.
        case ended
        case unknown
    }

    /// Ends an upload; what of it is stored stays.
    /// - Parameter id: as `UploadJob.id` gives it.
    public func cancel(_ id: String, environmentID: Int64) async throws -> Cancellation {
        guard let uuid = id.split(separator: ":").last,
            let job = try await jobs.find(String(uuid), environmentID: environmentID),
            UploadJob(job)?.id.hasSameBytes(as: id) ?? false
        else { return .unknown }
        guard try await jobs.cancel(job.id, environmentID: environmentID) else { return .ended }
        // A run that still reads them has them open, or ends by it.
        if let path = UploadOrder(job)?.path { UploadOrder.removeFiles(at: path) }
        return .cancelled
    }

    /// Uploads stay listed for thirty days; a failed one may have left its file.
    public static let retention = JobRetention(seconds: 30 * 86_400) { job in
        if let path = UploadOrder(job)?.path { UploadOrder.removeFiles(at: path) }
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
