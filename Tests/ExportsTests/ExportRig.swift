import BlobStore
import ControlStore
import Cryptography
import DuckDB
import JSON
import Logging
import StoreTestSupport
import TestSupport
import Time

@testable import EventStore
@testable import Exports
@testable import Jobs
@testable import Notices

/// The rooms an export needs, in a folder of their own.
final class ExportRig: Sendable {
    let folder: TemporaryFolder
    let hand = HandClock()
    let control: ControlStore
    let jobs: JobStore
    let store: EventStore
    let blobs: LocalBlobStore
    let service: ExportService
    let box: LetterBox
    private let committer: EventCommitter

    static let stream = EventStream(environmentID: 1, projectID: 1, appToken: "NX-1")
    static let letterKey = SecretKey([UInt8](repeating: 5, count: 32))
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init(_ events: [SampleEvent] = []) throws {
        let temporary = try TemporaryStore()
        folder = temporary.folder
        control = temporary.store
        jobs = JobStore(store: control, clock: hand.clock)
        store = try EventStore(path: folder.file("events.duckdb"), logger: Self.logger)
        blobs = try LocalBlobStore(
            directory: folder.file("blobs"), publicBaseURL: "/blobs", signingKey: Array(repeating: 7, count: 32))
        service = ExportService(jobs: jobs, blobs: blobs, clock: hand.clock)
        box = LetterBox(jobs: jobs, key: Self.letterKey, publicURL: "https://sextant.example.com")
        committer = try EventCommitter(
            store: store, clock: hand.clock, rememberedEventIDs: 1_000, logger: Self.logger)
        try commit(events)
    }

    func commit(_ events: [SampleEvent]) throws {
        if !events.isEmpty { _ = try committer.commit([SampleEvent.batch(events, receivedAt: hand.now)]) }
    }

    func handler(_ audience: FixedAudience = FixedAudience(), blobs: (any BlobStore)? = nil) -> ExportJobHandler {
        ExportJobHandler(
            store: store, blobs: blobs ?? self.blobs, audience: audience, deletions: audience,
            notices: ExportNotices(box),
            workingDirectory: folder.path)
    }

    /// What a letter that waits says.
    func letter(_ job: Job?) throws -> Letter? {
        try job.flatMap(LetterOrder.init)?.letter(Self.letterKey)?.letter
    }

    /// Removes exports whose time is over, as the worker would.
    func removeExpired() async throws {
        try await service.retention.removeExpired(kind: ExportJobHandler.jobKind, from: jobs)
    }

    /// Runs the oldest due job of a kind once, as the worker would.
    func runJob(_ handler: some JobHandler, kind: String = ExportJobHandler.jobKind) async throws {
        guard let (job, lease) = try await jobs.claim(kind: kind, leaseSeconds: 60) else { throw NoJob() }
        let context = JobContext(job: job, lease: lease, jobs: jobs)
        do {
            try await handler.run(context)
            try await jobs.complete(lease, result: context.result)
        } catch let failure as PermanentJobFailure {
            try await jobs.fail(lease, error: failure.reason)
        } catch {
            // As after a crash: the next run starts from the progress that was stored.
            try await jobs.release(lease)
            throw error
        }
    }

    struct NoJob: Error {}

    func start(_ request: ExportRequest, in stream: EventStream = ExportRig.stream) async throws -> Export {
        try await service.start(request, stream: stream, environmentName: "one")
    }

    /// Starts an export and sees it through.
    func finish(
        _ request: ExportRequest, _ audience: FixedAudience = FixedAudience(), in stream: EventStream = ExportRig.stream
    ) async throws -> Export {
        let started = try await start(request, in: stream)
        try await runJob(handler(audience))
        return try await find(started.id, environmentID: stream.environmentID)
    }

    func find(_ id: String, environmentID: Int64 = 1) async throws -> Export {
        guard let export = try await service.find(id, environmentID: environmentID) else { throw NoJob() }
        return export
    }

    /// The rows of a file, JSON read by our own parser and the rest by the engine; NULL reads as "".
    func rows(_ file: ExportFile, of export: Export, format: ExportFormat) async throws -> [[String: String]] {
        if format == .json || format == .ndjson {
            return try await lines(file, of: export).map { line in
                let members = try JSONDocument(parsing: line).root.members
                return Dictionary(
                    members.map { ($0.key, $0.value.isNull ? "" : $0.value.string ?? $0.value.rawText) },
                    uniquingKeysWith: { $1 })
            }
        }
        let path = folder.file("blobs/exports/\(export.id)/\(file.name)")
        let source =
            switch format {
            case .csv: "read_csv('\(path)', header = true, all_varchar = true)"
            case .json, .ndjson, .parquet: "read_parquet('\(path)')"
            case .avro: "read_avro('\(path)')"
            }
        return try await store.readers.run { connection in
            if format == .avro, let avro = Engine.avroExtensionPath { try connection.execute("LOAD '\(avro)'") }
            let rows = try connection.query("SELECT * FROM \(source)")
            let names = rows.columns.map(\.name)
            return try rows.map { chunk, row in
                var cells: [String: String] = [:]
                for (column, name) in names.enumerated() { cells[name] = try chunk.string(column, row) ?? "" }
                return cells
            }
        }
    }

    /// All rows of an export, files in order.
    func rows(of export: Export, format: ExportFormat = .json) async throws -> [[String: String]] {
        var all: [[String: String]] = []
        for file in export.files { all += try await rows(file, of: export, format: format) }
        return all
    }

    /// The names of the events of an export, files in order.
    func names(of export: Export) async throws -> [String] {
        try await rows(of: export).map { $0["event_name"] ?? "" }
    }

    /// The lines of a compressed text file.
    func lines(_ file: ExportFile, of export: Export) async throws -> [String] {
        let path = folder.file("blobs/exports/\(export.id)/\(file.name)")
        return try await store.readers.run { connection in
            try connection.query(
                """
                SELECT line FROM read_csv('\(path)', header = false, auto_detect = false, delim = '\u{1}', quote = '',
                escape = '', columns = {'line': 'VARCHAR'}, compression = 'gzip', max_line_size = 10000000)
                """
            ).map { chunk, row in try chunk.string(0, row) ?? "" }
        }
    }
}
