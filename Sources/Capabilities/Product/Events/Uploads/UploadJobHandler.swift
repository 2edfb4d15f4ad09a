package import ControlStore
package import EventStore
import Foundation
import JSON
public import Jobs
import Text
package import Time

/// Stores the rows of an upload, a few hundred at a time and behind the live traffic.
///
/// Every row that has none carries an event id made of the job and its number, so rows stored before a crash are
/// recognised when the job runs again. Rows that have ids, as exported ones do, are looked up in the log as well: an event
/// that is there stays the only one, however long ago it was stored.
public struct UploadJobHandler: JobHandler {
    private let store: EventStore
    private let writer: EventWriter
    private let feed: ProjectionFeed
    private let rejections: IngestionRejections
    private let form: any EventForm
    private let parquet: any ParquetReader
    private let clock: WallClock

    /// Rows that go to the writer at once: few enough that a live batch never waits long behind them.
    private static let rowsPerWrite = 500
    /// Once rows have so many bytes, they are as many as are held at once.
    private static let bytesPerWrite = 8 * 1_024 * 1_024

    /// - Parameters:
    ///   - rejections: where rows that are not taken are counted, besides being listed in their job.
    ///   - form: how rows are written.
    ///   - parquet: reads files of that format.
    package init(
        store: EventStore, writer: EventWriter, feed: ProjectionFeed, rejections: IngestionRejections,
        form: any EventForm, parquet: any ParquetReader, clock: WallClock
    ) {
        self.store = store
        self.writer = writer
        self.feed = feed
        self.rejections = rejections
        self.form = form
        self.parquet = parquet
        self.clock = clock
    }

    public func run(_ order: UploadOrder, _ context: JobContext) async throws {
        var progress = UploadProgress(json: context.job.progress)
        // Once every row is stored the file may be gone, and is not needed.
        if progress.status != .pendingRefresh { try await storeRows(of: order, context, &progress) }
        try await feed.catchUp()
        context.setResult(progress.json)
        UploadOrder.removeFiles(at: order.path)
    }

    private func storeRows(of order: UploadOrder, _ context: JobContext, _ progress: inout UploadProgress) async throws
    {
        let isShort = context.job.isShort
        let rows = try await open(order, isShort)
        if progress.totalRows == 0 {
            progress.totalRows = try await UploadThreads.run(short: isShort) { try Self.count(rows, of: order.kind) }
            progress.status = .processing
            note(rows.unknownColumns, of: order, &progress)
            try await context.updateProgress(progress.json)
        }
        try await store(rows, of: order, job: context.job, progress: &progress) { progress in
            try await context.updateProgress(progress.json)
        }
        progress.status = .pendingRefresh
        try await context.updateProgress(progress.json)
    }

    private func open(_ order: UploadOrder, _ isShort: Bool) async throws -> UploadedRows {
        guard FileManager.default.fileExists(atPath: order.path) else {
            throw PermanentJobFailure("The uploaded file is gone; send it again.")
        }
        let source = UploadSource.file(order.path)
        let parquetRows = order.format == .parquet ? try await readParquet(order) : nil
        return try await UploadThreads.run(short: isShort) {
            do throws(EventRejection) {
                return try UploadedRows(
                    source, format: order.format, list: order.kind.listName, parquetRows: parquetRows)
            } catch {
                throw PermanentJobFailure(error.message)
            }
        }
    }

    /// Done once: a run after a crash finds the rows, complete or not at all.
    private func readParquet(_ order: UploadOrder) async throws -> UploadSource {
        let rows = UploadOrder.rowsPath(of: order.path)
        if FileManager.default.fileExists(atPath: rows) { return .file(rows) }
        let unpacked = UploadOrder.unpackedPath(of: order.path)
        let partial = rows + ".part"
        defer {
            try? FileManager.default.removeItem(atPath: unpacked)
            try? FileManager.default.removeItem(atPath: partial)
        }
        try await UploadThreads.run(short: false) { try Self.unpack(order.path, to: unpacked) }
        do {
            try await parquet.readParquet(
                at: unpacked, columns: TableRow.columns, into: partial, maximumBytes: UploadPieces.maximumBytes)
        } catch let error as UnreadableParquet {
            throw PermanentJobFailure(error.reason)
        }
        try FileManager.default.moveItem(atPath: partial, toPath: rows)
        return .file(rows)
    }

    private static func unpack(_ path: String, to output: String) throws {
        let pieces = UploadSource.file(path).pieces()
        _ = FileManager.default.createFile(atPath: output, contents: nil)
        guard let file = FileHandle(forWritingAtPath: output) else { throw CocoaError(.fileWriteUnknown) }
        defer { try? file.close() }
        while let piece = pieces.next() { try file.write(contentsOf: Data(piece)) }
        if let damage = pieces.damage { throw PermanentJobFailure(damage.message) }
    }

    /// Goes through the whole file before any of it is stored: one that ends where it should not is refused as a whole.
    private static func count(_ rows: UploadedRows, of kind: UploadKind) throws -> Int {
        do {
            let count = try rows.count(upTo: kind.maximumRows)
            guard count <= kind.maximumRows else {
                throw PermanentJobFailure("One job takes at most \(kind.maximumRows) records. Split the file.")
            }
            return count
        } catch let damage as EventRejection {
            throw PermanentJobFailure(damage.message)
        }
    }

    private func store(
        _ rows: UploadedRows, of order: UploadOrder, job: Job, progress: inout UploadProgress,
        save: (UploadProgress) async throws -> Void
    ) async throws {
        let now = clock.now
        var call = order.kind.call(in: order.stream, now: now)
        call.sender.keyID = order.keyID
        let faults = RowFaults(kind: order.kind, form: form, call: call)
        let rest = try await UploadThreads.run(short: job.isShort) {
            try Self.rest(of: rows, after: progress.processedRows)
        }
        while true {
            let part = try await UploadThreads.run(short: job.isShort) { try Self.nextPart(of: rest) }
            if part.isEmpty { return }
            let known = try await known(part, environmentID: order.stream.environmentID)
            var builder = EventBatchBuilder(
                receivedAt: now, expectedEvents: part.count, namesCompanies: order.kind != .importEvents)
            var indices: [Int] = []
            var refused: [(rejection: EventRejection, row: JSONNode?)] = []
            var unknown = UnknownMembers(form)
            for (position, row) in part.enumerated() {
                let count = builder.count
                do throws(EventRejection) {
                    let object = try row.object.get()
                    progress.add(unknown.look(at: object))
                    try order.kind.check(object)
                    let index = try form.decode(
                        object, call, derivedEventID: row.exported?.derivedID ?? "job \(job.id) row \(row.number)",
                        into: &builder)
                    if known.contains(position) {
                        builder.discard(downTo: count)
                        progress.duplicateRows += 1
                    } else if row.exported?.ids.isEmpty == false {
                        // Any other row is stored only if this job did it, before a crash.
                        indices.append(index)
                    }
                } catch {
                    let node = try? row.object.get()
                    let told = progress.keepsErrors ? node.map { faults.all(of: $0, first: error) } : nil
                    progress.add(told ?? [error], row: row.number)
                    refused.append((error, node))
                }
            }
            if builder.count > 0 {
                let outcomes = try await write(builder.build())
                progress.duplicateRows += indices.count { if case .duplicate = outcomes[$0] { true } else { false } }
            }
            progress.processedRows += part.count
            try await save(progress)
            // After the note of them, so that a run after a crash does not count them again.
            for (rejection, row) in refused {
                rejections.record(rejection, in: order.stream, at: now, event: row, keyID: order.keyID)
            }
            rejections.record(unknown, in: order.stream, at: now)
        }
    }

    /// Columns that are passed over are so in all rows.
    private func note(_ columns: [String], of order: UploadOrder, _ progress: inout UploadProgress) {
        guard !columns.isEmpty, progress.totalRows > 0 else { return }
        let names = columns.prefix(UnknownName.maximumCount).map {
            UnknownName(path: $0, suggestion: form.suggestion(for: $0))
        }
        progress.add(names, rows: progress.totalRows)
        if let last = names.last {
            rejections.record(unknown: last, events: progress.totalRows, in: order.stream, at: clock.now)
        }
    }

    private static func rest(of rows: UploadedRows, after count: Int) throws -> AnyIterator<UploadedRows.Row> {
        let rest = rows.makeIterator()
        for _ in 0..<count {
            try Task.checkCancellation()
            _ = rest.next()
        }
        return rest
    }

    private static func nextPart(of rest: AnyIterator<UploadedRows.Row>) throws -> [ReadRow] {
        var part: [ReadRow] = []
        var bytes = 0
        while part.count < rowsPerWrite, bytes < bytesPerWrite, let row = rest.next() {
            try Task.checkCancellation()
            let row = ReadRow(row)
            part.append(row)
            bytes += row.byteCount
        }
        return part
    }

    /// The positions of rows that are stored already.
    private func known(_ rows: [ReadRow], environmentID: Int64) async throws -> Set<Int> {
        let marked = rows.indices.compactMap { position in rows[position].exported?.mark.map { (position, $0) } }
        let known = try await store.recognize(marked.map(\.1), environmentID: environmentID)
        return Set(known.map { marked[$0].0 })
    }

    /// Waits out a full queue: live traffic goes first.
    private func write(_ batch: EventBatch) async throws -> [EventOutcome] {
        while true {
            if let outcomes = try await writeUnlessFull(batch) { return outcomes }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    /// Nil when the queue is full.
    private func writeUnlessFull(_ batch: EventBatch) async throws(EventWriteError) -> [EventOutcome]? {
        do throws(EventWriteError) {
            return try await writer.write(batch, priority: .background)
        } catch {
            if case .overloaded = error { return nil }
            throw error
        }
    }
}

/// A row that has been read, and what it tells of an event that was stored before.
private struct ReadRow {
    let number: Int
    let object: Result<JSONNode, EventRejection>
    let exported: ExportedRow?

    init(_ row: UploadedRows.Row) {
        number = row.number
        object = row.result
        exported = (try? object.get()).map { ExportedRow($0) }
    }

    /// Of its text, by which what it takes of memory can be told.
    var byteCount: Int { (try? object.get())?.withRawText { $0.count } ?? 0 }
}
