public import ControlStore
public import EventStore
import Foundation
import JSON
public import Jobs
import NIOPosix
public import Time

/// Stores the rows of an upload, a few hundred at a time and behind the live traffic.
///
/// Every row carries an event id made of the job and its number, so rows stored before a crash are recognised
/// when the job runs again.
public struct UploadJobHandler: JobHandler {
    private let writer: EventWriter
    private let feed: ProjectionFeed
    private let rejections: IngestionRejections
    private let clock: WallClock

    /// Rows that go to the writer at once: few enough that a live batch never waits long behind them.
    private static let rowsPerWrite = 500

    /// - Parameter rejections: where rows that are not taken are counted, besides being listed in their job.
    public init(writer: EventWriter, feed: ProjectionFeed, rejections: IngestionRejections, clock: WallClock) {
        self.writer = writer
        self.feed = feed
        self.rejections = rejections
        self.clock = clock
    }

    public func run(_ context: JobContext) async throws {
        guard let order = UploadOrder(context.job) else {
            throw PermanentJobFailure.damagedDescription
        }
        var progress = UploadProgress(json: context.job.progress)
        // Once every row is stored the file may be gone, and is not needed.
        if progress.status != .pendingRefresh { try await storeRows(of: order, context, &progress) }
        try await feed.catchUp()
        context.setResult(progress.json)
        try? FileManager.default.removeItem(atPath: order.path)
    }

    private func storeRows(of order: UploadOrder, _ context: JobContext, _ progress: inout UploadProgress) async throws
    {
        let bytes = try await NIOThreadPool.singleton.runIfActive { try Self.read(order.path) }
        guard let bytes else { throw PermanentJobFailure("The uploaded file is gone; send it again.") }
        let rows: UploadedRows
        do {
            rows = try UploadedRows(bytes, format: order.format, list: order.kind.listName)
        } catch {
            throw PermanentJobFailure(error.message)
        }
        if progress.totalRows == 0 {
            progress.totalRows = rows.reduce(0) { count, _ in count + 1 }
            progress.status = .processing
            try await context.updateProgress(progress.json)
        }
        try await store(rows, of: order, jobID: context.job.id, progress: &progress) { progress in
            try await context.updateProgress(progress.json)
        }
        progress.status = .pendingRefresh
        try await context.updateProgress(progress.json)
    }

    private func store(
        _ rows: UploadedRows, of order: UploadOrder, jobID: String, progress: inout UploadProgress,
        save: (UploadProgress) async throws -> Void
    ) async throws {
        let now = clock.now
        let decoder = order.kind.decoder(in: order.stream, now: now)
        let iterator = rows.dropFirst(progress.processedRows).makeIterator()
        while true {
            try Task.checkCancellation()
            var builder = EventBatchBuilder(receivedAt: now, expectedEvents: Self.rowsPerWrite)
            var count = 0
            var refused: [EventRejection] = []
            while count < Self.rowsPerWrite, let row = iterator.next() {
                count += 1
                do throws(EventRejection) {
                    let object = try row.result.get()
                    try order.kind.check(object)
                    try decoder.decode(object, derivedEventID: "job \(jobID) row \(row.number)", into: &builder)
                } catch {
                    progress.add(error, row: row.number)
                    refused.append(error)
                }
            }
            if count == 0 { return }
            if builder.count > 0 { try await write(builder.build()) }
            progress.processedRows += count
            try await save(progress)
            // After the note of them, so that a run after a crash does not count them again.
            for rejection in refused { rejections.record(rejection, in: order.stream, at: now) }
        }
    }

    /// Waits out a full queue: live traffic goes first.
    private func write(_ batch: EventBatch) async throws {
        while true {
            do {
                _ = try await writer.write(batch, priority: .background)
                return
            } catch EventWriteError.overloaded {
                try await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    private static func read(_ path: String) throws -> [UInt8]? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }
}
