public import BlobStore
import Foundation
public import JSON
public import Jobs
import NIOPosix
public import Time

/// Where the files of reports are, until their links end.
public struct ReportFiles: Sendable {
    /// A file that anybody who has its link may fetch.
    public struct Link: Sendable {
        /// Absolute on a bucket; a path of this server otherwise.
        public let url: String
        /// When it ends.
        public let expiresAt: Timestamp
    }

    /// A report is soon made again. Jobs are not put off for longer than a day.
    static let linkLifetimeSeconds = 12 * 3_600
    /// Files of one account.
    static let mostKept = 200

    private let blobs: any BlobStore
    private let jobs: JobStore
    private let workingDirectory: String
    private let clock: WallClock

    /// - Parameter workingDirectory: where a file is put together before it is stored.
    public init(blobs: any BlobStore, jobs: JobStore, workingDirectory: String, clock: WallClock) {
        self.blobs = blobs
        self.jobs = jobs
        self.workingDirectory = workingDirectory
        self.clock = clock
    }

    /// Stores a CSV file.
    /// - Parameters:
    ///   - name: under which browsers save it.
    ///   - write: hands out its bytes, piece by piece.
    /// - Throws: `JobError.tooManyWaiting` when the project's account has too many files.
    func publish(
        _ name: String, projectID: Int64, _ write: (_ piece: ([UInt8]) async throws -> Void) async throws -> Void
    ) async throws -> Link {
        let path = "\(workingDirectory)/report-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path)
        else { throw CocoaError(.fileWriteUnknown) }
        defer { try? file.close() }
        try await write { bytes in
            try await NIOThreadPool.singleton.runIfActive { try file.write(contentsOf: Data(bytes)) }
        }
        let now = clock.now
        let end = Timestamp(seconds: now.seconds + Int64(Self.linkLifetimeSeconds))
        let folder = try BlobKey("reports/\(UUID().uuidString.lowercased())")
        // Before there is a file, so that there is none without it.
        try await jobs.enqueue(
            NewJob(
                kind: ReportFileRemoval.jobKind, environmentID: nil, holder: .project(projectID),
                payload: ReportFileOrder(folder: folder.path), runAt: end, mostWaiting: Self.mostKept))
        let key = try folder.appending(name)
        _ = try await blobs.publish(fileAt: path, as: key, contentType: "text/csv; charset=utf-8")
        let url = try blobs.signedURL(
            for: key, signedAt: now, lifetimeSeconds: Self.linkLifetimeSeconds, fileName: name)
        return Link(url: url, expiresAt: end)
    }
}

/// Removes a report's file once its link has ended.
public struct ReportFileRemoval: JobHandler {
    public static let jobKind = "report_file_removal"

    private let blobs: any BlobStore

    public init(blobs: any BlobStore) {
        self.blobs = blobs
    }

    public func run(_ order: ReportFileOrder, _ context: JobContext) async throws {
        try await blobs.delete(prefix: BlobKey(order.folder))
    }
}

/// Where the file is.
public struct ReportFileOrder: JobPayload {
    let folder: String

    public var json: JSONValue { ["folder": .string(folder)] }
}

extension ReportFileOrder {
    public init?(_ job: Job) {
        guard let folder = job.payload["folder"]?.string else { return nil }
        self.init(folder: folder)
    }
}
